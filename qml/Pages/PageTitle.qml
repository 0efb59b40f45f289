import QtQuick
import QtQuick.Layouts
import MiLLM

ColumnLayout {
    id: head

    required property string title
    property string subtitle: ""

    spacing: 4

    Label {
        Layout.fillWidth: true
        text: head.title
        color: Theme.colors.heading
        font.pixelSize: Theme.titleSize
        weight: Font.Bold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    Label {
        Layout.fillWidth: true
        text: head.subtitle
        color: Theme.colors.muted
        visible: text !== ""
    }
}
