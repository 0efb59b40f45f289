pragma ComponentBehavior: Bound
import QtQuick
import MiLLM
import MiLLM.Ui

/// Picks a quantization; after a preview each row says what it needs, saves, and whether it fits.
ChoiceBox {
    id: control

    required property SchemeList schemes

    model: schemes
    textRole: "title"
    delegate: SchemeDelegate {
        width: ListView.view ? ListView.view.width : control.width
        highlighted: control.highlightedIndex === index
    }
}
