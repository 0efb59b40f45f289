import QtQuick
import QtQuick.Templates as T
import QtQuick.Window
import MiLLM

/// A page that scrolls as a whole, its content centred and at most as wide as the theme says. What gets the focus by the
/// keyboard is scrolled into view; what it does not need of the keys scrolls.
Flickable {
    id: page

    default property alias content: column.data
    required property string title // what a screen reader says where the page itself has the keyboard
    readonly property int margin: width < Theme.narrow ? Theme.sized(16) : Theme.sized(24)
    readonly property Item focused: Window.activeFocusItem

    contentWidth: width
    contentHeight: column.height + 2 * margin
    boundsBehavior: Flickable.StopAtBounds
    clip: true
    Accessible.role: Accessible.Pane
    Accessible.name: title
    Accessible.focusable: true
    T.ScrollBar.vertical: ScrollBar {}

    function scrollTo(y: real): void {
        contentY = Math.max(0, Math.min(contentHeight - height, y));
    }
    function reveal(item: Item): void {
        let parent = item.parent;
        while (parent && parent !== page.contentItem)
            parent = parent.parent;
        if (!parent)
            return;
        const top = item.mapToItem(page.contentItem, 0, 0).y - Theme.sized(12);
        const bottom = top + item.height + Theme.sized(44); // with a line that explains it
        if (top < contentY)
            scrollTo(top);
        else if (bottom > contentY + height)
            scrollTo(bottom - height);
    }

    /// Once it lies where it will.
    function revealFocused(): void {
        laidOut.restart();
    }

    Keys.onPressed: event => {
        const page = height - Theme.sized(40);
        const by = event.key === Qt.Key_PageDown ? page : event.key === Qt.Key_PageUp ? -page : event.key === Qt.Key_Down ? Theme.sized(60) : event.key === Qt.Key_Up ? -Theme.sized(60) : event.key === Qt.Key_End ? contentHeight : event.key === Qt.Key_Home ? -contentHeight : 0;
        event.accepted = by !== 0 && event.modifiers === Qt.NoModifier;
        if (event.accepted)
            scrollTo(contentY + by);
    }

    onFocusedChanged: {
        if (focused)
            reveal(focused);
    }

    // Another size moves all of it: what has the keyboard stays in sight.
    Connections {
        target: Theme
        function onTextScaleChanged(): void {
            page.revealFocused();
        }
    }
    Timer {
        id: laidOut
        interval: 100
        onTriggered: {
            if (page.focused)
                page.reveal(page.focused);
        }
    }

    Column {
        id: column
        x: Math.round((page.width - width) / 2)
        y: page.margin
        width: Math.min(page.width - 2 * page.margin, Theme.contentWidth - 2 * page.margin)
    }
}
