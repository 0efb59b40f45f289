import QtQuick
import QtQuick.Templates as T
import MiLLM

/// A row of what can be chosen.
T.ItemDelegate {
    id: row

    implicitHeight: Math.max(Theme.sized(34), words.implicitHeight + Theme.sized(12))
    leftPadding: Theme.sized(10)
    rightPadding: Theme.sized(10)
    font.family: Theme.sans
    font.pixelSize: Theme.sized(13)
    Accessible.role: Accessible.ListItem
    Accessible.name: text
    Accessible.selectable: true
    Accessible.selected: highlighted
    Accessible.onPressAction: click()

    contentItem: Label {
        id: words
        text: row.text
        font: row.font
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
    background: Rectangle {
        radius: Theme.sized(6)
        color: row.highlighted ? Theme.colors.accentSoft : "transparent"
        border.width: row.highlighted ? 1 : 0
        border.color: Theme.colors.accentLine
    }
}
