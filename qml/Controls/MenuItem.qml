import QtQuick
import QtQuick.Templates as T
import MiLLM

/// One row of a menu.
T.MenuItem {
    id: item

    property string glyph: ""

    implicitWidth: Theme.sized(232)
    implicitHeight: visible ? Math.max(Theme.sized(34), words.implicitHeight + Theme.sized(12)) : 0
    height: implicitHeight
    enabled: visible
    leftPadding: Theme.sized(10)
    rightPadding: Theme.sized(10)
    font.family: Theme.sans
    font.pixelSize: Theme.sized(13)
    Accessible.name: text
    Accessible.onPressAction: click()

    contentItem: Item {
        implicitHeight: words.implicitHeight

        Icon {
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            name: item.glyph
            color: Theme.colors.label
        }
        Label {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            anchors.left: parent.left
            anchors.leftMargin: Theme.sized(26)
            width: parent.width - Theme.sized(26)
            text: item.text
            font: item.font
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.sized(6)
        color: item.highlighted ? Theme.colors.accentSoft : "transparent"
        border.width: item.highlighted ? 1 : 0
        border.color: Theme.colors.accentLine
    }
}
