import QtQuick
import MiLLM

/// The ring around what has the keyboard's focus: 2 px, 2 px away.
Rectangle {
    required property bool shown
    property int around: Theme.sized(8)

    anchors.fill: parent
    anchors.margins: -4
    visible: shown
    color: "transparent"
    radius: around + 4
    border.width: 2
    border.color: Theme.colors.focus
}
