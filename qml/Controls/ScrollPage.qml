import QtQuick
import MiLLM

/// A page that scrolls as a whole, its content centred and at most as wide as the theme says.
ScrollArea {
    id: page

    default property alias content: column.data
    required property string title // what a screen reader says where the page itself has the keyboard
    readonly property int margin: width < Theme.narrow ? Theme.sized(16) : Theme.sized(24)

    contentWidth: width
    contentHeight: column.height + 2 * margin
    clip: true
    Accessible.role: Accessible.Pane
    Accessible.name: title
    Accessible.focusable: true

    Column {
        id: column
        x: Math.round((page.width - width) / 2)
        y: page.margin
        width: Math.min(page.width - 2 * page.margin, Theme.contentWidth - 2 * page.margin)
    }
}
