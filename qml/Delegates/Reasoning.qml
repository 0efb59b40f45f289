import QtQuick
import QtQuick.Layouts
import MiLLM

/// What a model thought before it answered, folded away.
ColumnLayout {
    id: reasoning

    required property string text
    required property int turn
    property bool unfolded: false
    readonly property Item entry: fold

    spacing: 4
    // A view that takes the item for another turn shows it folded.
    onTurnChanged: unfolded = false

    Button {
        id: fold
        objectName: "reasoning-btn"
        implicitHeight: 28
        kind: Button.Kind.Plain
        glyph: reasoning.unfolded ? "chevron-down" : "chevron-right"
        text: reasoning.unfolded ? qsTr("Hide reasoning") : qsTr("Show reasoning")
        onClicked: reasoning.unfolded = !reasoning.unfolded
    }
    Item {
        Layout.fillWidth: true
        implicitHeight: thoughts.implicitHeight
        visible: reasoning.unfolded

        Rectangle {
            anchors.left: parent.left
            width: 2
            height: parent.height
            color: Theme.colors.itemLine
        }
        ReadText {
            id: thoughts
            objectName: "reasoning"
            anchors.left: parent.left
            anchors.leftMargin: 12
            width: parent.width - 12
            text: reasoning.unfolded ? reasoning.text : ""
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
        }
    }
}
