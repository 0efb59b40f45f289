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
    readonly property real room: parent ? parent.height - below - Math.min(Theme.sized(32), parent.height / 16) : 0
    // Where the buttons would leave too little for the content they come behind it, and scroll with it.
    readonly property bool cramped: parent !== null && room - implicitHeaderHeight - foot.needed - topPadding - bottomPadding < Theme.sized(100)
    property bool leaving: false // it fades, and keys and clicks are for what lies below already
    property Item initialFocus: closer // shown with its ring: whoever came by the keyboard has to see where it is

    parent: T.Overlay.overlay
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - below - height) / 2) : 0
    width: parent ? Math.min(wanted, parent.width - Theme.sized(32)) : wanted
    height: parent ? Math.min(implicitHeight, room) : implicitHeight
    implicitHeight: implicitHeaderHeight + body.contentHeight + implicitFooterHeight + topPadding + bottomPadding
    modal: !leaving
    dim: true
    focus: true
    leftPadding: Theme.sized(6)
    rightPadding: Theme.sized(6)
    topPadding: Theme.sized(8)
    bottomPadding: Theme.sized(16)
    closePolicy: leaving ? T.Popup.NoAutoClose : T.Popup.CloseOnEscape

    onAboutToShow: {
        leaving = false;
        inReadingOrder();
        body.contentY = 0;
        Qt.callLater(takeFocus); // not when it has opened: the next key may come before
        returnFocus = dialog.parent ? dialog.parent.Window.activeFocusItem : null;
    }
    onAboutToHide: {
        leaving = true;
        if (returnFocus)
            returnFocus.forceActiveFocus(Qt.BacktabFocusReason);
    }
    onClosed: leaving = false

    function takeFocus(): void {
        // A dialog begins where it is read: not at its end, where that is out of sight.
        const first = cramped && initialFocus.parent === row ? closer : initialFocus;
        first.forceActiveFocus(Qt.TabFocusReason);
        // It may have it already, for another reason, since it had it when the dialog was closed.
        const control = first as T.Control;
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
        Behavior on opacity {
            NumberAnimation {
                duration: Theme.quick
            }
        }
    }
    T.Overlay.modeless: Rectangle {
        // takes its place while the dialog fades
        color: Theme.colors.scrim
        NumberAnimation on opacity {
            from: 1
            to: 0
            duration: Theme.quick
        }
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

    // While it fades a second click reaches neither a button of it nor what lies below.
    readonly property MouseArea shield: MouseArea {
        parent: dialog.background.parent
        anchors.fill: parent
        z: 2 // header and footer have 1
        visible: dialog.leaving
    }

    background: Rectangle {
        radius: Theme.sized(12)
        color: Theme.colors.popup
        border.color: Theme.colors.popupLine
    }
    header: RowLayout {
        spacing: Theme.sized(10)
        Keys.forwardTo: [body]

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
    contentItem: ScrollArea {
        id: body
        contentHeight: column.implicitHeight + (dialog.cramped ? tail.height : 0)
        clip: contentHeight > height

        ColumnLayout {
            id: column
            x: Theme.sized(14) // room for rings and the scroll bar
            width: dialog.availableWidth - 2 * x
            spacing: Theme.sized(14)
        }
        Item {
            id: tail
            x: column.x
            y: column.implicitHeight
            width: column.width
            height: foot.needed + 4 // the ring
        }
    }
    footer: Item {
        id: foot

        readonly property real needed: row.children.length > 0 ? row.tall + Theme.sized(20) : 0

        implicitHeight: needed
        visible: needed > 0 && !dialog.cramped
        Keys.forwardTo: [body]

        Flow {
            id: row

            readonly property real most: dialog.width - Theme.sized(40)
            readonly property real wish: {
                let sum = 0;
                for (const button of children)
                    sum += button.visible ? button.implicitWidth + spacing : 0;
                return Math.max(0, sum - spacing);
            }
            readonly property bool stacked: wish > most
            readonly property real tall: {
                // Its own height is known too late, for who wants to know where to begin.
                const heights = [...children].filter(button => button.visible).map(button => button.implicitHeight);
                return stacked ? heights.reduce((sum, height) => sum + height + spacing, -spacing) : Math.max(0, ...heights);
            }
            readonly property real margin: dialog.cramped ? 0 : Theme.sized(20)

            parent: dialog.cramped ? tail : foot
            x: parent && !dialog.mirrored ? parent.width - width - margin : margin
            y: dialog.cramped ? Theme.sized(20) : 0
            width: Math.min(wish, most)
            spacing: Theme.sized(10)

            // One below the other they are equally wide.
            Component.onCompleted: {
                for (const button of children)
                    button.width = Qt.binding(() => row.stacked ? row.width : button.implicitWidth);
            }
        }
    }
}
