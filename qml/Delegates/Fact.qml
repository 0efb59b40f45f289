import QtQuick
import QtQuick.Layouts
import MiLLM

/// A name and its value.
RowLayout {
    id: fact

    required property string name
    required property string value
    property color tint: Theme.colors.text

    Layout.fillWidth: true
    spacing: Theme.sized(8)

    Label {
        Layout.alignment: Qt.AlignTop
        text: fact.name
        color: Theme.colors.label
        font.pixelSize: Theme.sized(13)
        wrapMode: Text.NoWrap
    }
    Label {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignRight
        text: fact.value
        color: fact.tint
        font.pixelSize: Theme.sized(13)
        weight: Font.Medium
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
    }
}
