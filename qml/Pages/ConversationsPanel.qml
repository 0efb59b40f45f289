pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The conversations that are kept: to begin a new one, to search, open, rename and delete.
ColumnLayout {
    id: panel

    required property Chat chat
    readonly property ConversationList conversations: chat.conversations

    signal opened // one was chosen, or begun
    signal renameAsked(var id, string title)
    signal removeAsked(var id, string title)

    function takeFocus(): void {
        begin.forceActiveFocus(Qt.TabFocusReason);
    }

    spacing: Theme.sized(10)

    Button {
        id: begin
        objectName: "new-chat-btn"
        Layout.fillWidth: true
        glyph: "plus"
        text: qsTr("New conversation")
        onClicked: {
            panel.chat.startNew();
            panel.opened();
        }
    }
    TextField {
        objectName: "conversation-search"
        Layout.fillWidth: true
        Layout.margins: Theme.sized(2)
        implicitHeight: Theme.sized(34)
        topPadding: Theme.sized(6)
        bottomPadding: Theme.sized(6)
        placeholderText: qsTr("Search conversations")
        text: panel.conversations.search
        Accessible.name: placeholderText
        onTextEdited: panel.conversations.search = text
    }
    ListView {
        id: list
        objectName: "conversations"
        Layout.fillWidth: true
        Layout.fillHeight: true
        clip: true
        model: panel.conversations
        reuseItems: true
        spacing: Theme.sized(2)
        boundsBehavior: Flickable.StopAtBounds
        currentIndex: -1
        keyNavigationEnabled: true
        T.ScrollBar.vertical: ScrollBar {}
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Conversations")

        delegate: ConversationRow {
            transform: Translate {
                x: Theme.fromRight ? Theme.sized(12) : 0 // the scroll bar's room; the list sets x itself
            }
            width: ListView.view.width - Theme.sized(12)
            reachable: ListView.isCurrentItem || (list.currentIndex < 0 && index === 0)
            onOpened: {
                panel.chat.open(conversationId);
                panel.opened();
            }
            onRenameAsked: {
                list.currentIndex = index;
                panel.renameAsked(conversationId, title);
            }
            onRemoveAsked: {
                list.currentIndex = index; // the focus goes on to another row with it, not out of sight with a button
                panel.removeAsked(conversationId, title);
            }
            onActiveFocusChanged: {
                if (activeFocus)
                    list.currentIndex = index;
            }
        }
        onCurrentItemChanged: {
            if (activeFocus && currentItem)
                currentItem.forceActiveFocus(Qt.TabFocusReason);
        }

        Label {
            objectName: "conversations-face"
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Theme.sized(8)
            visible: text !== ""
            color: panel.conversations.face === ConversationList.Face.Error ? Theme.colors.bad : Theme.colors.muted
            font.pixelSize: Theme.smallSize
            text: panel.conversations.face === ConversationList.Face.Loading ? qsTr("Reading…") : panel.conversations.face === ConversationList.Face.Error ? panel.conversations.failure : panel.conversations.face === ConversationList.Face.Content ? "" : panel.conversations.search !== "" ? qsTr("Nothing found.") : qsTr("What you say is kept here.")
        }
    }
}
