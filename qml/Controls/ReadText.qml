pragma ComponentBehavior: Bound
import QtQuick
import MiLLM

/// Text that can be selected and copied, plain or rich. Links open where they lead, which is shown before.
TextEdit {
    id: words

    property string plain: text // what a screen reader says
    property bool ringed: true // shows by itself that it has the focus

    readOnly: true
    selectByMouse: true
    activeFocusOnPress: true
    wrapMode: TextEdit.Wrap
    textFormat: TextEdit.PlainText
    color: Theme.colors.text
    selectionColor: Theme.colors.accent
    selectedTextColor: Theme.colors.popup
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize
    Accessible.role: Accessible.StaticText
    Accessible.name: plain
    onLinkActivated: link => Qt.openUrlExternally(link)
    onActiveFocusChanged: {
        // What is selected stays where only the window loses the keyboard.
        if (!activeFocus && Window.active)
            deselect();
    }

    FocusRing {
        shown: words.ringed && words.activeFocus
        around: Theme.sized(4)
    }
    HoverHandler {
        cursorShape: words.hoveredLink !== "" ? Qt.PointingHandCursor : Qt.IBeamCursor
    }
    Loader {
        active: words.hoveredLink !== ""
        anchors.fill: parent
        sourceComponent: Item {
            ToolTip {
                text: words.hoveredLink
                visible: true
            }
        }
    }
}
