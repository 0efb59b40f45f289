pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The conversation. Tab comes to one row and to what can be done with it, from either side; arrows go from row to row, Enter into
/// a row's text, Page Up, Page Down, Home and End scroll. The end stays in sight while it grows, until somebody scrolls away from it.
ListView {
    id: view

    required property Chat chat
    property int at: -1 // the row that the keyboard is on; a current item would take the focus from what is in it
    property bool following: true
    readonly property int reached: at >= 0 && at < count ? at : count - 1 // the row that Tab would come to
    readonly property Item holder: Window.activeFocusItem
    readonly property real fromEnd: contentHeight - height - (contentY - originY)

    signal editAsked(int turn)

    function toEnd(): void {
        if (following)
            positionViewAtEnd();
    }
    // Somebody has scrolled: near the end is at the end.
    function look(): void {
        following = fromEnd < 24;
    }
    function go(row: int): void {
        at = row;
        following = row === count - 1;
        place();
        // Again when the rows that come into sight have their heights: until then they are estimated.
        Qt.callLater(place);
    }
    function place(): void {
        if (at >= 0 && at < count)
            positionViewAtIndex(at, ListView.Contain);
    }
    function has(item: Item): bool {
        while (item && item !== view)
            item = item.parent;
        return item === view;
    }
    function enter(): void {
        place();
        forceLayout();
        (itemAtIndex(at) as ChatRow)?.enter();
    }
    function scroll(pages: real): void {
        const lowest = originY + Math.max(0, contentHeight - height);
        contentY = Math.max(originY, Math.min(lowest, contentY + pages * height * 0.9));
        look();
    }

    objectName: "chat-messages"
    clip: true
    model: chat.transcript
    // Rows are of many kinds and heights: made for another one they would be laid out anew, and the one with the keyboard lost.
    reuseItems: false
    currentIndex: -1
    highlightFollowsCurrentItem: false
    keyNavigationEnabled: false
    boundsBehavior: Flickable.StopAtBounds
    activeFocusOnTab: count > 0
    cacheBuffer: 400
    T.ScrollBar.vertical: ScrollBar {
        onPressedChanged: pressed ? view.following = false : view.look()
    }
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Conversation")

    delegate: ChatRow {
        transform: Translate {
            x: Theme.fromRight ? Theme.sized(14) : 0 // the scroll bar's room; the list sets x itself
        }
        width: ListView.view.width - Theme.sized(14)
        chat: view.chat
        current: view.activeFocus && index === view.at
        reachable: index === view.reached
        onEditAsked: turn => view.editAsked(turn)
        onUnfoldAsked: unfolded => {
            // What comes into sight is looked at, not passed by to the end.
            view.following = view.following && streaming;
            view.chat.transcript.unfold(index, unfolded);
        }
    }

    // Who came by the keyboard is at a row, which is seen; a button that was clicked is no place to leave.
    onHolderChanged: {
        const reason = (holder as T.Control)?.focusReason ?? Qt.OtherFocusReason;
        const byTab = reason === Qt.TabFocusReason || reason === Qt.BacktabFocusReason;
        if (holder === view ? at !== reached : byTab && has(holder))
            go(reached);
    }
    // Who comes again by the keyboard is at the row once more, not at what had it within.
    onActiveFocusChanged: {
        if (!activeFocus && Window.active)
            for (const row of contentItem.children)
                (row as ChatRow)?.leave();
    }
    onMovementStarted: following = false
    onMovementEnded: look()
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
        if (event.key === Qt.Key_Up && at > 0)
            go(at - 1);
        else if (event.key === Qt.Key_Down && at < count - 1)
            go(at + 1);
        else if (event.key === Qt.Key_PageUp)
            scroll(-1);
        else if (event.key === Qt.Key_PageDown)
            scroll(1);
        else if (event.key === Qt.Key_Home)
            go(0);
        else if (event.key === Qt.Key_End)
            go(count - 1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            enter();
        else if ((event.key === Qt.Key_Escape || event.key === Qt.Key_Backtab) && Window.activeFocusItem !== view)
            (itemAtIndex(at) as ChatRow)?.leave();
        else
            event.accepted = false;
    }

    Connections {
        target: view.chat.transcript
        function onTurnsChanged(): void {
            view.following = true;
            view.at = -1;
            Qt.callLater(view.toEnd);
        }
    }
}
