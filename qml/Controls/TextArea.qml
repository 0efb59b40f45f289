pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM

/// Several lines of input, which scroll where there are many. Tab leaves it.
Flickable {
    id: area

    property alias text: edit.text
    property alias editor: edit
    property string placeholder: ""
    property int most: Theme.sized(160)

    implicitHeight: Math.min(most, edit.implicitHeight)
    contentHeight: edit.implicitHeight
    boundsBehavior: Flickable.StopAtBounds

    T.TextArea.flickable: T.TextArea {
        id: edit
        implicitHeight: contentHeight + topPadding + bottomPadding
        padding: Theme.sized(11)
        leftPadding: Theme.sized(14)
        rightPadding: Theme.sized(14)
        color: Theme.colors.text
        font.family: Theme.sans
        font.pixelSize: Theme.bodySize
        selectionColor: Theme.colors.accent
        selectedTextColor: Theme.colors.popup
        selectByMouse: true
        wrapMode: TextEdit.Wrap
        textFormat: TextEdit.PlainText
        Keys.onTabPressed: nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason)
        Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

        Label {
            anchors.fill: parent
            anchors.margins: edit.padding
            anchors.leftMargin: edit.leftPadding
            text: area.placeholder
            color: Theme.colors.muted
            elide: Text.ElideRight
            wrapMode: Text.NoWrap
            visible: edit.length === 0 && edit.preeditText === ""
            Accessible.ignored: true
        }
        background: Rectangle {
            radius: Theme.sized(8)
            color: Theme.colors.input
            border.color: edit.activeFocus ? Theme.colors.accent : Theme.colors.inputLine
            opacity: edit.enabled ? 1 : 0.55

            FocusRing {
                shown: edit.activeFocus
            }
        }
    }
    T.ScrollBar.vertical: ScrollBar {}
}
