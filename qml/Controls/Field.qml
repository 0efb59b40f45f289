import QtQuick
import QtQuick.Layouts
import MiLLM

/// A control with its label above and what is wrong with it in red below.
ColumnLayout {
    id: field

    required property string label
    property string aside: ""
    property string error: ""
    default property alias content: place.data

    spacing: Theme.sized(6)
    // Qt does not tell the name of a field whose letters are hidden: its group has it.
    Accessible.role: Accessible.Grouping
    Accessible.name: label

    Flow {
        id: words
        Layout.fillWidth: true
        spacing: Theme.sized(4)

        Label {
            width: Math.min(implicitWidth, words.width)
            text: field.label
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
            weight: Font.Medium
            Accessible.ignored: true
        }
        Label {
            width: Math.min(implicitWidth, words.width)
            text: field.aside
            color: Theme.colors.muted
            font.pixelSize: Theme.smallSize
            visible: text !== ""
            Accessible.ignored: true
        }
    }
    RowLayout {
        id: place
        Layout.fillWidth: true
        spacing: Theme.sized(8)
    }
    ErrorText {
        Layout.fillWidth: true
        text: field.error
    }
}
