import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM

/// A question before the window: title, content that scrolls where it is long, and a row of buttons in reading order, the one
/// that goes on last. Escape closes it and the focus goes back to where it was.
T.Dialog {
    id: dialog

    default property alias content: column.data
    property alias buttons: row.data
    property string glyph: ""
    property color glyphTint: Theme.colors.accent
    property int wanted: Theme.sized(560)
    property Item returnFocus: null
    readonly property real below: T.ApplicationWindow.footer?.height ?? 0 // what lies over the window's bottom
    property Item initialFocus: closer // shown with its ring: whoever came by the keyboard has to see where it is

    parent: T.Overlay.overlay
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - below - height) / 2) : 0
    width: parent ? Math.min(wanted, parent.width - Theme.sized(32)) : wanted
    height: parent ? Math.min(implicitHeight, parent.height - below - Theme.sized(32)) : implicitHeight
    implicitHeight: implicitHeaderHeight + column.implicitHeight + implicitFooterHeight + topPadding + bottomPadding
    modal: true
    focus: true
    padding: Theme.sized(20)
    leftPadding: mirrored ? Theme.sized(6) : Theme.sized(20)
    rightPadding: mirrored ? Theme.sized(20) : Theme.sized(6) // the scroll bar's place beside the content
    topPadding: Theme.sized(8)
    bottomPadding: Theme.sized(16)
    closePolicy: T.Popup.CloseOnEscape

    onAboutToShow: {
        inReadingOrder();
        Qt.callLater(takeFocus); // not when it has opened: the next key may come before
        returnFocus = dialog.parent ? dialog.parent.Window.activeFocusItem : null;
    }
    onClosed: {
        if (returnFocus)
            returnFocus.forceActiveFocus(Qt.BacktabFocusReason);
    }

    function takeFocus(): void {
        initialFocus.forceActiveFocus(Qt.TabFocusReason);
        // It may have it already, for another reason, since it had it when the dialog was closed.
        const control = initialFocus as T.Control;
        if (control)
            control.focusReason = Qt.TabFocusReason;
    }
    // Tab goes by the order in which parts came into the dialog, which is another one.
    function inReadingOrder(): void {
        for (const part of [header, contentItem, footer]) {
            const place = part.parent;
            part.parent = null;
            part.parent = place;
        }
    }

    T.Overlay.modal: Rectangle {
        color: Theme.colors.scrim
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.quick
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            to: 0
            duration: Theme.quick
        }
    }

    background: Rectangle {
        radius: Theme.sized(12)
        color: Theme.colors.popup
        border.color: Theme.colors.popupLine
    }
    header: RowLayout {
        spacing: Theme.sized(10)

        Icon {
            Layout.leftMargin: Theme.sized(20)
            Layout.topMargin: Theme.sized(16)
            Layout.bottomMargin: Theme.sized(8)
            name: dialog.glyph
            size: 20
            color: dialog.glyphTint
            visible: dialog.glyph !== ""
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: Theme.sized(16)
            Layout.bottomMargin: Theme.sized(8)
            Layout.leftMargin: dialog.glyph === "" ? Theme.sized(20) : 0
            text: dialog.title
            color: Theme.colors.heading
            font.pixelSize: Theme.headingSize
            weight: Font.DemiBold
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Button {
            id: closer
            objectName: "dialog-close-btn"
            Layout.topMargin: Theme.sized(10)
            Layout.rightMargin: Theme.sized(12)
            implicitHeight: Theme.sized(32)
            kind: Button.Kind.Plain
            iconOnly: true
            glyph: "close"
            text: qsTr("Close")
            onClicked: dialog.reject()
        }
    }
    contentItem: Flickable {
        implicitHeight: column.implicitHeight
        contentHeight: column.implicitHeight
        clip: contentHeight > height
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {}

        ColumnLayout {
            id: column
            width: dialog.availableWidth - Theme.sized(14)
            spacing: Theme.sized(14)
        }
    }
    footer: Item {
        implicitHeight: row.implicitHeight + Theme.sized(20)
        visible: row.children.length > 0

        Flow {
            id: row

            readonly property real wish: {
                let sum = 0;
                for (const button of children)
                    sum += button.visible ? button.implicitWidth + spacing : 0;
                return Math.max(0, sum - spacing);
            }

            anchors.right: parent.right
            anchors.rightMargin: Theme.sized(20)
            width: Math.min(wish, parent.width - Theme.sized(40))
            spacing: Theme.sized(10)
        }
    }
}
