import QtQuick
import QtQuick.Templates as T
import QtQuick.Window
import MiLLM

/// Content that may be higher than what is seen of it. What gets the focus by the keyboard is scrolled into view; what it does not
/// need of the keys scrolls.
Flickable {
    id: area

    readonly property Item focused: Window.activeFocusItem
    property real seen: 0 // the height before it changed

    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ScrollBar {}

    function scrollTo(y: real): void {
        contentY = Math.max(0, Math.min(contentHeight - height, y));
    }
    function reveal(item: Item): void {
        let parent = item.parent;
        while (parent && parent !== area.contentItem)
            parent = parent.parent;
        if (!parent)
            return;
        // With its label above and a line that explains it below, where there is room for them.
        const spare = Math.max(0, height - item.height);
        const top = item.mapToItem(area.contentItem, 0, 0).y - Math.min(spare / 2, Theme.sized(28));
        const bottom = top + item.height + Math.min(spare, Theme.sized(44));
        // Of what is higher than the view, where it begins.
        if (top < contentY || item.height > height)
            scrollTo(top);
        else if (bottom > contentY + height)
            scrollTo(bottom - height);
    }

    /// Once it lies where it will.
    function revealFocused(): void {
        laidOut.restart();
    }
    /// What has the keyboard and was in sight stays there, when other things come or go. Who has scrolled away stays away.
    function keep(): void {
        const y = focused ? focused.mapToItem(area, 0, 0).y : -1;
        if (focused && y + focused.height > 0 && y < seen)
            revealFocused();
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
    onContentHeightChanged: keep()
    onHeightChanged: {
        keep();
        seen = height;
    }

    // Another size moves all of it: what has the keyboard stays in sight.
    Connections {
        target: Theme
        function onTextScaleChanged(): void {
            area.revealFocused();
        }
    }
    Timer {
        id: laidOut
        interval: 100
        onTriggered: {
            if (area.focused)
                area.reveal(area.focused);
        }
    }
}
