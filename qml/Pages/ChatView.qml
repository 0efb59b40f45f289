pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The conversation. One stop of Tab: arrows go from row to row, Enter into a row's text, Page Up, Page Down, Home and End
/// scroll. The end stays in sight while it grows, until somebody scrolls away from it.
ListView {
    id: view

    required property Chat chat
    property bool following: true
    property bool placing: false // by ourselves
    readonly property real fromEnd: contentHeight - height - (contentY - originY)

    signal editAsked(int turn)

    function toEnd(): void {
        if (!following)
            return;
        placing = true;
        positionViewAtEnd();
        placing = false;
    }
    function go(row: int): void {
        currentIndex = row;
        positionViewAtIndex(row, ListView.Contain);
    }
    function scroll(pages: real): void {
        const lowest = originY + Math.max(0, contentHeight - height);
        contentY = Math.max(originY, Math.min(lowest, contentY + pages * height * 0.9));
    }

    objectName: "chat-messages"
    clip: true
    model: chat.transcript
    reuseItems: true
    currentIndex: -1
    highlightFollowsCurrentItem: false
    keyNavigationEnabled: false
    boundsBehavior: Flickable.StopAtBounds
    activeFocusOnTab: count > 0
    cacheBuffer: 400
    T.ScrollBar.vertical: ScrollBar {}
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Conversation")

    delegate: ChatRow {
        width: ListView.view.width - 14
        chat: view.chat
        current: view.activeFocus && ListView.isCurrentItem
        onEditAsked: turn => view.editAsked(turn)
    }

    onActiveFocusChanged: {
        if (activeFocus && (currentIndex < 0 || currentIndex >= count))
            go(count - 1);
    }
    onContentYChanged: {
        if (!placing)
            following = fromEnd < 24;
    }
    onContentHeightChanged: {
        if (following)
            Qt.callLater(toEnd);
    }
    onHeightChanged: {
        if (following)
            Qt.callLater(toEnd);
    }
    Keys.onPressed: event => {
        event.accepted = true;
        if (event.key === Qt.Key_Up && currentIndex > 0)
            go(currentIndex - 1);
        else if (event.key === Qt.Key_Down && currentIndex < count - 1)
            go(currentIndex + 1);
        else if (event.key === Qt.Key_PageUp)
            scroll(-1);
        else if (event.key === Qt.Key_PageDown)
            scroll(1);
        else if (event.key === Qt.Key_Home)
            go(0);
        else if (event.key === Qt.Key_End)
            go(count - 1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            (currentItem as ChatRow)?.enter();
        else if (event.key === Qt.Key_Escape && Window.activeFocusItem !== view)
            (currentItem as ChatRow)?.leave();
        else
            event.accepted = false;
    }

    Connections {
        target: view.chat.transcript
        function onTurnsChanged(): void {
            view.following = true;
            view.currentIndex = -1;
            Qt.callLater(view.toEnd);
        }
    }
}
