import QtQuick
import QtQuick.Templates as T
import MiLLM

T.ToolTip {
    id: tip

    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    y: -implicitHeight - Theme.sized(8)
    implicitWidth: Math.min(Theme.sized(320), words.implicitWidth + leftPadding + rightPadding)
    implicitHeight: words.implicitHeight + topPadding + bottomPadding
    padding: Theme.sized(8)
    margins: Theme.sized(8)
    delay: 500
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnReleaseOutsideParent

    contentItem: Label {
        id: words
        text: tip.text
        font.pixelSize: Theme.smallSize
    }
    background: Rectangle {
        color: Theme.colors.popup
        border.color: Theme.colors.popupLine
        radius: Theme.sized(6)
    }
}
