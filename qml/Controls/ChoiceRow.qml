import QtQuick
import QtQuick.Templates as T
import MiLLM

/// A row of what can be chosen.
T.ItemDelegate {
    id: row

    implicitHeight: Math.max(34, words.implicitHeight + 12)
    leftPadding: 10
    rightPadding: 10
    font.family: Theme.sans
    font.pixelSize: Theme.sized(13)
    Accessible.name: text

    contentItem: Label {
        id: words
        text: row.text
        font: row.font
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
    background: Rectangle {
        radius: 6
        color: row.highlighted ? Theme.colors.accentSoft : "transparent"
        border.width: row.highlighted ? 1 : 0
        border.color: Theme.colors.accentLine
    }
}
