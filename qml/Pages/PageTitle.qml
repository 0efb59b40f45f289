import QtQuick
import QtQuick.Layouts
import MiLLM

ColumnLayout {
    id: head

    required property string title
    property string subtitle: ""
    property bool oneLine: false // for titles that somebody wrote

    spacing: Theme.sized(4)

    Label {
        Layout.fillWidth: true
        text: head.title
        color: Theme.colors.heading
        font.pixelSize: Theme.titleSize
        weight: Font.Bold
        maximumLineCount: head.oneLine ? 1 : 4
        elide: Text.ElideRight
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
