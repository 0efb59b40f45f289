import QtQuick
import QtQuick.Layouts
import MiLLM

/// One turn of the conversation; its text can be selected and copied.
Item {
    id: turn

    required property bool fromPerson
    required property string message
    required property string reasoning
    required property bool streaming
    required property string note
    required property string failure
    property string modelName: ""
    property bool unfolded: false

    implicitHeight: bubble.height + 12
    Accessible.role: Accessible.ListItem
    Accessible.name: (fromPerson ? qsTr("You") : modelName) + ": " + (failure !== "" ? failure : message)

    Rectangle {
        id: bubble
        x: turn.fromPerson ? turn.width - width : 0
        width: turn.fromPerson ? Math.min(turn.width * 0.85, Math.max(80, words.implicitWidth + 28)) : turn.width
        height: column.implicitHeight + 24
        radius: 10
        color: turn.fromPerson ? Theme.colors.accentSoft : Theme.colors.item
        border.color: turn.fromPerson ? Theme.colors.accentLine : Theme.colors.itemLine

        ColumnLayout {
            id: column
            anchors.fill: parent
            anchors.margins: 12
            spacing: 8

            Button {
                objectName: "reasoning-btn"
                visible: turn.reasoning !== ""
                implicitHeight: 28
                kind: Button.Kind.Plain
                glyph: "chevron-down"
                text: turn.unfolded ? qsTr("Hide reasoning") : qsTr("Show reasoning")
                onClicked: turn.unfolded = !turn.unfolded
            }
            Rectangle {
                Layout.fillWidth: true
                implicitHeight: thoughts.implicitHeight
                visible: turn.unfolded && turn.reasoning !== ""
                color: "transparent"

                Rectangle {
                    width: 2
                    height: parent.height
                    color: Theme.colors.itemLine
                }
                TextEdit {
                    id: thoughts
                    objectName: "reasoning"
                    x: 12
                    width: parent.width - x
                    text: turn.reasoning
                    textFormat: TextEdit.PlainText
                    readOnly: true
                    selectByMouse: true
                    activeFocusOnTab: true
                    wrapMode: TextEdit.Wrap
                    color: Theme.colors.label
                    selectionColor: Theme.colors.accent
                    selectedTextColor: Theme.colors.popup
                    font.family: Theme.sans
                    font.pixelSize: Theme.smallSize
                    Accessible.role: Accessible.StaticText
                    Accessible.name: text

                    FocusRing {
                        shown: thoughts.activeFocus
                        around: 4
                    }
                }
            }
            TextEdit {
                id: words
                Layout.fillWidth: true
                visible: text !== ""
                text: turn.message
                textFormat: TextEdit.PlainText
                readOnly: true
                selectByMouse: true
                activeFocusOnTab: true
                wrapMode: TextEdit.Wrap
                color: Theme.colors.text
                selectionColor: Theme.colors.accent
                selectedTextColor: Theme.colors.popup
                font.family: Theme.sans
                font.pixelSize: Theme.bodySize
                Accessible.role: Accessible.StaticText
                Accessible.name: text

                FocusRing {
                    shown: words.activeFocus
                    around: 4
                }
            }
            RowLayout {
                visible: turn.streaming
                spacing: 8

                Spinner {
                    color: Theme.colors.accent
                    running: turn.streaming
                }
                Label {
                    text: turn.message === "" ? qsTr("Thinking…") : qsTr("Writing…")
                    color: Theme.colors.muted
                    font.pixelSize: Theme.smallSize
                }
            }
            ErrorText {
                Layout.fillWidth: true
                text: turn.failure
            }
            Label {
                Layout.fillWidth: true
                text: turn.note
                visible: text !== ""
                color: Theme.colors.muted
                font.family: Theme.mono
                font.pixelSize: Theme.tinySize
            }
        }
    }
}
