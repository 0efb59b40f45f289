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
    readonly property int margin: width < Theme.narrow ? 16 : 24
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
        const top = item.mapToItem(page.contentItem, 0, 0).y - 12;
        const bottom = top + item.height + 24;
        if (top < contentY)
            scrollTo(top);
        else if (bottom > contentY + height)
            scrollTo(bottom - height);
    }

    Keys.onPressed: event => {
        const page = height - 40;
        const by = event.key === Qt.Key_PageDown ? page : event.key === Qt.Key_PageUp ? -page : event.key === Qt.Key_Down ? 60 : event.key === Qt.Key_Up ? -60 : event.key === Qt.Key_End ? contentHeight : event.key === Qt.Key_Home ? -contentHeight : 0;
        event.accepted = by !== 0 && event.modifiers === Qt.NoModifier;
        if (event.accepted)
            scrollTo(contentY + by);
    }

    onFocusedChanged: {
        if (focused)
            reveal(focused);
    }

    Column {
        id: column
        x: Math.round((page.width - width) / 2)
        y: page.margin
        width: Math.min(page.width - 2 * page.margin, Theme.contentWidth - 2 * page.margin)
    }
}
