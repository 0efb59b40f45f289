import QtQuick
import QtQuick.Templates as T
import MiLLM

/// What can be done with something, a MenuItem each; those that are not visible take no room.
T.Menu {
    id: menu

    property Item returnFocus: null

    implicitWidth: Theme.sized(240)
    implicitHeight: contentItem.implicitHeight + 2 * padding
    padding: Theme.sized(4)
    margins: Theme.sized(8)
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    onAboutToShow: returnFocus = parent?.Window.activeFocusItem ?? null
    onClosed: returnFocus?.forceActiveFocus(Qt.BacktabFocusReason)

    contentItem: ListView {
        implicitHeight: contentHeight
        model: menu.contentModel
        currentIndex: menu.currentIndex
        clip: contentHeight > height
        interactive: contentHeight > height
        T.ScrollBar.vertical: ScrollBar {}
    }
    background: Rectangle {
        radius: Theme.sized(8)
        color: Theme.colors.popup
        border.color: Theme.colors.popupLine
    }
}
