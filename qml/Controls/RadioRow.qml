pragma ComponentBehavior: Bound
import QtQuick
import MiLLM

/// One of a few, each as a button.
Flow {
    id: row

    required property var texts
    required property int current

    signal picked(int index)

    spacing: Theme.sized(8)

    Repeater {
        model: row.texts

        Button {
            required property int index
            required property string modelData
            readonly property bool chosen: row.current === index
            implicitHeight: Theme.sized(34)
            kind: chosen ? Button.Kind.Accent : Button.Kind.Outline
            glyph: chosen ? "check" : ""
            text: modelData
            checkable: true
            autoExclusive: true
            checked: chosen
            Accessible.role: Accessible.RadioButton
            onClicked: row.picked(index)
        }
    }
}
