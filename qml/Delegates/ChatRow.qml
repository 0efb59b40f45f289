pragma ComponentBehavior: Bound
import QtQuick
import MiLLM
import MiLLM.Ui

/// A row of the conversation: a block of text, code, what was thought, or the end of a turn with its buttons.
Item {
    id: row

    required property int index
    required property int piece
    required property int turn
    required property bool fromPerson
    required property string text
    required property string rich
    required property string language
    required property bool rest
    required property bool opening
    required property bool closing
    required property bool titled
    required property bool streaming
    required property string note
    required property string failure
    required property string answerer
    required property int place
    required property int places
    required property bool unfolded
    required property Chat chat
    required property bool current // the keyboard is here
    required property bool reachable // Tab would come here
    property Item target: null // what of it takes the keyboard
    readonly property int inset: Theme.sized(4) // from the ring
    readonly property string speaker: fromPerson ? qsTr("You") : answerer

    signal editAsked(int turn)
    signal unfoldAsked(bool unfolded)

    /// The text takes the keyboard, so that a part of it can be selected; leave() gives it back to the view, from buttons too.
    function enter(): void {
        if (target && piece !== ChatTranscript.Piece.End)
            target.forceActiveFocus(Qt.TabFocusReason);
    }
    function leave(): void {
        body.focus = false;
    }

    implicitHeight: (head.visible ? head.height + Theme.sized(4) : 0) + body.height + (piece === ChatTranscript.Piece.End ? Theme.sized(14) : rest || ((fromPerson || piece === ChatTranscript.Piece.Thought) && !closing) ? 0 : Theme.sized(8))
    Accessible.role: Accessible.ListItem
    Accessible.name: piece === ChatTranscript.Piece.End ? [speaker, failure, note].filter(part => part !== "").join(", ") : piece === ChatTranscript.Piece.Reasoning ? qsTr("Reasoning of %1").arg(speaker) : titled || (fromPerson && opening) ? speaker + ": " + text : text
    Accessible.focusable: true
    Accessible.focused: current

    Label {
        id: head
        x: row.inset
        visible: row.titled
        text: row.answerer
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
        weight: Font.DemiBold
        Accessible.ignored: true
    }
    Loader {
        id: body
        y: head.visible ? head.height + Theme.sized(4) : 0
        x: row.inset
        width: row.width - x
        sourceComponent: row.piece === ChatTranscript.Piece.Code ? code : row.piece === ChatTranscript.Piece.Reasoning ? reasoning : row.piece === ChatTranscript.Piece.Thought ? thought : row.piece === ChatTranscript.Piece.End ? end : row.fromPerson ? bubble : prose
    }
    FocusRing {
        anchors.leftMargin: 0 // the view cuts what sticks out
        shown: row.current
        around: Theme.sized(2)
    }

    Component {
        id: prose

        ReadText {
            Component.onCompleted: row.target = this
            text: row.piece === ChatTranscript.Piece.Rich ? Theme.prose + row.rich : row.text
            plain: row.text
            textFormat: row.piece === ChatTranscript.Piece.Rich ? TextEdit.RichText : TextEdit.PlainText
        }
    }
    Component {
        id: bubble

        Item {
            implicitHeight: ground.height
            Component.onCompleted: row.target = words

            // How wide it would like to be; a text that wraps cannot say.
            Text {
                id: natural
                visible: false
                text: row.opening && row.closing && row.text.length < 200 ? row.text : ""
                textFormat: Text.PlainText
                font: words.font
            }
            Rectangle {
                id: ground
                anchors.right: parent.right
                width: natural.text === "" ? row.width * 0.85 : Math.min(row.width * 0.85, Math.max(Theme.sized(48), Math.ceil(natural.implicitWidth) + Theme.sized(29)))
                height: words.implicitHeight + (row.opening ? Theme.sized(10) : 0) + (row.closing ? Theme.sized(10) : 0)
                topLeftRadius: row.opening ? Theme.sized(10) : 0
                topRightRadius: topLeftRadius
                bottomLeftRadius: row.closing ? Theme.sized(10) : 0
                bottomRightRadius: bottomLeftRadius
                color: Theme.colors.accentSoft
                border.color: Theme.colors.accentLine

                ReadText {
                    id: words
                    x: Theme.sized(14)
                    y: row.opening ? Theme.sized(10) : 0
                    width: ground.width - Theme.sized(28)
                    text: row.text
                }
            }
        }
    }
    Component {
        id: code

        CodeBlock {
            Component.onCompleted: row.target = entry
            text: row.text
            language: row.language
            rest: row.rest
            reachable: row.reachable
            onCopyAsked: row.chat.copyCode(row.index)
            onLeftBackwards: row.leave()
        }
    }
    Component {
        id: reasoning

        Item {
            implicitHeight: fold.height
            Component.onCompleted: row.target = fold

            Button {
                id: fold
                objectName: "reasoning-btn"
                implicitHeight: Theme.sized(28)
                kind: Button.Kind.Plain
                glyph: row.unfolded ? "chevron-down" : "chevron-right"
                text: row.unfolded ? qsTr("Hide reasoning") : qsTr("Show reasoning")
                onClicked: row.unfoldAsked(!row.unfolded)
            }
        }
    }
    Component {
        id: thought

        Thought {
            Component.onCompleted: row.target = entry
            text: row.text
        }
    }
    Component {
        id: end

        TurnEnd {
            turn: row.turn
            fromPerson: row.fromPerson
            streaming: row.streaming
            note: row.note
            failure: row.failure
            place: row.place
            places: row.places
            chat: row.chat
            reachable: row.reachable
            onEditAsked: row.editAsked(row.turn)
            onLeftBackwards: row.leave()
        }
    }
}
