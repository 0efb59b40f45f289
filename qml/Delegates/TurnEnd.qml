import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Below a turn: what became of it, and what can be done with it.
ColumnLayout {
    id: end

    required property int turn
    required property bool fromPerson
    required property bool streaming
    required property string note
    required property string failure
    required property int place
    required property int places
    required property Chat chat
    required property bool reachable // by Tab: only those of one row

    signal editAsked
    signal leftBackwards // by Shift+Tab

    spacing: Theme.sized(4)

    ErrorText {
        Layout.fillWidth: true
        text: end.failure
        aloud: false // the chat says it once; rows come and go
    }
    RowLayout {
        visible: end.streaming
        spacing: Theme.sized(8)

        Spinner {
            color: Theme.colors.accent
            running: end.streaming
        }
        Label {
            text: qsTr("Writing…")
            color: Theme.colors.muted
            font.pixelSize: Theme.smallSize
        }
    }
    Flow {
        Layout.fillWidth: !end.fromPerson
        Layout.alignment: end.fromPerson ? Qt.AlignRight : Qt.AlignLeft
        visible: !end.streaming
        spacing: Theme.sized(2)

        RowButton {
            objectName: "turn-copy-btn"
            reachable: end.reachable
            glyph: "copy"
            text: qsTr("Copy message")
            // Qt passes over the view, which has the focus already, with this.
            Keys.onBacktabPressed: end.leftBackwards()
            onClicked: end.chat.copyTurn(end.turn)
        }
        RowButton {
            objectName: "turn-edit-btn"
            reachable: end.reachable
            glyph: "edit"
            text: qsTr("Edit message")
            visible: end.fromPerson
            enabled: !end.chat.busy
            onClicked: end.editAsked()
        }
        RowButton {
            objectName: "turn-again-btn"
            reachable: end.reachable
            glyph: "retry"
            text: qsTr("Answer again")
            visible: !end.fromPerson
            enabled: end.chat.ready && !end.chat.busy
            onClicked: end.chat.regenerate(end.turn)
        }
        RowButton {
            objectName: "turn-go-on-btn"
            reachable: end.reachable
            glyph: "play"
            text: qsTr("Continue")
            iconOnly: false
            visible: !end.fromPerson && end.chat.ready && !end.chat.busy && end.chat.canGoOn(end.turn)
            onClicked: end.chat.goOn()
        }
        Row {
            visible: end.places > 1
            layoutDirection: Qt.LeftToRight

            RowButton {
                objectName: "turn-previous-btn"
                reachable: end.reachable
                glyph: "chevron-left"
                text: qsTr("Version before")
                enabled: end.place > 1 && !end.chat.busy
                onClicked: end.chat.showSibling(end.turn, -1)
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                readonly property string which: NumberText.shown(end.place, 0)
                readonly property string all: NumberText.shown(end.places, 0)
                text: qsTr("%1/%2").arg(which).arg(all)
                color: Theme.colors.label
                font.pixelSize: Theme.smallSize
                Accessible.name: qsTr("Version %1 of %2").arg(which).arg(all)
            }
            RowButton {
                objectName: "turn-next-btn"
                reachable: end.reachable
                glyph: "chevron-right"
                text: qsTr("Version after")
                enabled: end.place < end.places && !end.chat.busy
                onClicked: end.chat.showSibling(end.turn, 1)
            }
        }
        Label {
            objectName: "turn-note"
            height: Math.max(Theme.sized(28), implicitHeight)
            width: Math.min(implicitWidth, end.width)
            leftPadding: Theme.sized(6)
            verticalAlignment: Text.AlignVCenter
            text: end.note
            visible: text !== ""
            color: Theme.colors.muted
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
        }
    }
}
