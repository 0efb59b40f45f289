pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM

/// Picks one of a few: `chosen` is bound to which one it is. Other words for the rows, as in another language, change nothing.
T.ComboBox {
    id: control

    property string detail: "" // spoken behind what is chosen
    property int chosen: 0

    currentIndex: chosen
    // A box with another list begins with its first row.
    onModelChanged: currentIndex = Qt.binding(() => chosen)
    implicitWidth: Theme.sized(200)
    implicitHeight: Theme.sized(38)
    leftPadding: mirrored ? Theme.sized(40) : Theme.sized(14)
    rightPadding: mirrored ? Theme.sized(14) : Theme.sized(40)
    focusPolicy: Qt.StrongFocus
    opacity: enabled ? 1 : Theme.disabledOpacity
    Accessible.description: detail === "" ? displayText : displayText + ", " + detail
    Accessible.onPressAction: popup.visible ? popup.close() : popup.open()
    onActivated: Accessible.announce(displayText)
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize

    indicator: Icon {
        x: control.mirrored ? Theme.sized(12) : control.width - width - Theme.sized(12)
        y: Math.round((control.height - height) / 2)
        name: "chevron-down"
        color: Theme.colors.label
    }
    contentItem: Label {
        text: control.displayText
        font: control.font
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    background: Rectangle {
        radius: Theme.sized(8)
        color: Theme.colors.input
        border.color: control.activeFocus ? Theme.colors.accent : Theme.colors.inputLine

        FocusRing {
            shown: control.visualFocus
        }
    }
    delegate: ChoiceRow {
        required property int index

        width: ListView.view ? ListView.view.width : control.width
        text: control.textAt(index)
        highlighted: control.highlightedIndex === index
    }
    popup: T.Popup {
        y: control.height + Theme.sized(4)
        width: control.width
        height: Math.min(list.contentHeight + 2 * padding, Theme.sized(320))
        padding: Theme.sized(4)
        margins: Theme.sized(8)
        bottomMargin: margins + (T.ApplicationWindow.footer?.height ?? 0) // above the messages

        contentItem: ListView {
            id: list
            clip: true
            model: control.delegateModel
            currentIndex: control.highlightedIndex
            Accessible.role: Accessible.List
            Accessible.name: control.Accessible.name
            T.ScrollBar.vertical: ScrollBar {}
        }
        background: Rectangle {
            radius: Theme.sized(8)
            color: Theme.colors.popup
            border.color: Theme.colors.popupLine
        }
    }
}
