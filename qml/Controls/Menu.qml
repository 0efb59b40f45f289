import QtQuick
import QtQuick.Templates as T
import MiLLM

/// What can be done with something, a MenuItem each; those that are not visible take no room.
T.Menu {
    id: menu

    property Item returnFocus: null
    property bool byKeys: false

    implicitWidth: Theme.sized(240)
    implicitHeight: contentItem.implicitHeight + 2 * padding
    padding: Theme.sized(4)
    margins: Theme.sized(8)
    bottomMargin: margins + (T.ApplicationWindow.footer?.height ?? 0) // above the messages
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    onAboutToShow: {
        returnFocus = parent?.Window.activeFocusItem ?? null;
        byKeys = (returnFocus as T.Control)?.visualFocus ?? (returnFocus !== null);
    }
    // Whoever came by the keyboard sees where it is.
    onOpened: currentIndex = byKeys ? first() : -1
    onClosed: returnFocus?.forceActiveFocus(Qt.BacktabFocusReason)

    function first(): int {
        let index = 0;
        while (index < count && !itemAt(index).visible)
            ++index;
        return index;
    }

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
