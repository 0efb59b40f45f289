import QtQuick
import MiLLM

/// A block of what a model thought before it answered.
Item {
    id: thought

    required property string text
    readonly property Item entry: words

    implicitHeight: words.implicitHeight

    Rectangle {
        anchors.left: parent.left
        width: Theme.sized(2)
        height: parent.height
        color: Theme.colors.itemLine
    }
    ReadText {
        id: words
        objectName: "reasoning"
        anchors.left: parent.left
        anchors.leftMargin: Theme.sized(12)
        width: parent.width - Theme.sized(12)
        text: thought.text
        plain: text
        color: Theme.colors.label
        font.pixelSize: Theme.smallSize
    }
}
