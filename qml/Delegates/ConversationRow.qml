import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM

/// One of the conversations that are kept. Enter opens it, F2 renames it, Delete asks whether it shall go. What can be done with
/// it is shown where the pointer is and in the row to which Tab comes, so that either way of it passes the same parts.
T.ItemDelegate {
    id: row
    objectName: "conversation-row"

    required property int index
    required property var conversationId
    required property string title
    required property string when
    required property bool current
    property bool reachable: false // by Tab; the arrows lead to the others

    signal opened
    signal renameAsked
    signal removeAsked

    implicitHeight: Theme.sized(40)
    leftPadding: Theme.sized(10)
    rightPadding: Theme.sized(4)
    text: title
    focusPolicy: reachable || activeFocus ? Qt.StrongFocus : Qt.ClickFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: [title, when, current ? qsTr("open") : ""].filter(part => part !== "").join(", ")
    Accessible.focusable: true
    Accessible.selectable: true
    Accessible.selected: current
    Accessible.onPressAction: opened()
    onClicked: opened()
    Keys.onReturnPressed: opened()
    Keys.onEnterPressed: opened()
    Keys.onDeletePressed: removeAsked()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_F2) {
            row.renameAsked();
            event.accepted = true;
        }
    }

    contentItem: RowLayout {
        spacing: Theme.sized(2)

        Label {
            Layout.fillWidth: true
            text: row.title
            color: row.current ? Theme.colors.accent : Theme.colors.text
            font.pixelSize: Theme.sized(13)
            elide: Text.ElideRight
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
        Label {
            text: row.when
            visible: !tools.visible
            color: Theme.colors.muted
            font.pixelSize: Theme.tinySize
            rightPadding: Theme.sized(6)
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
        Row {
            id: tools
            visible: row.hovered || row.reachable

            Button {
                id: rename
                focusPolicy: row.reachable || activeFocus ? Qt.StrongFocus : Qt.ClickFocus
                objectName: "conversation-rename-btn"
                implicitHeight: Theme.sized(28)
                kind: Button.Kind.Plain
                iconOnly: true
                glyph: "edit"
                text: qsTr("Rename")
                onClicked: row.renameAsked()
            }
            Button {
                id: remove
                focusPolicy: row.reachable || activeFocus ? Qt.StrongFocus : Qt.ClickFocus
                objectName: "conversation-delete-btn"
                implicitHeight: Theme.sized(28)
                kind: Button.Kind.Plain
                iconOnly: true
                glyph: "trash"
                text: qsTr("Delete")
                onClicked: row.removeAsked()
            }
        }
    }
    background: Rectangle {
        radius: Theme.sized(8)
        color: row.current ? Theme.colors.accentSoft : row.hovered ? Theme.colors.hover : "transparent"
        border.width: row.current && Theme.colors === Theme.contrast ? 1 : 0
        border.color: Theme.colors.accent

        FocusRing {
            anchors.margins: 0
            shown: row.visualFocus
        }
    }
}
