import QtQuick
import QtQuick.Templates as T
import MiLLM

/// The way to a page.
T.TabButton {
    id: tab

    required property string glyph
    property bool compact: false

    implicitWidth: compact ? Theme.sized(40) : words.implicitWidth + Theme.sized(32)
    implicitHeight: Theme.sized(36)
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize
    font.weight: Font.Medium
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.PageTab
    Accessible.name: text
    Accessible.selectable: true
    Accessible.selected: checked
    Accessible.onPressAction: click()

    contentItem: Item {
        implicitWidth: words.implicitWidth

        Icon {
            anchors.centerIn: parent
            name: tab.glyph
            size: 18
            color: words.color
            visible: tab.compact
        }
        Label {
            id: words
            anchors.centerIn: parent
            text: tab.text
            font: tab.font
            color: tab.checked ? Theme.colors.accent : Theme.colors.label
            visible: !tab.compact
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.sized(6)
        color: tab.checked ? Theme.colors.accentSoft : tab.hovered ? Theme.colors.hover : "transparent"
        border.width: Theme.colors === Theme.contrast && tab.checked ? 1 : 0
        border.color: Theme.colors.accent

        FocusRing {
            shown: tab.visualFocus
            around: Theme.sized(6)
        }
    }
    HoverHandler {
        cursorShape: Qt.PointingHandCursor
    }
}
