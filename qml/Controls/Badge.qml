import QtQuick
import MiLLM

/// A state in a word and a colour: upper-case to the eye only.
Rectangle {
    id: badge

    property alias text: words.text
    property alias wordsName: words.objectName
    required property color tint
    required property color soft
    property color line: "transparent"

    implicitWidth: words.implicitWidth + Theme.sized(20)
    implicitHeight: words.implicitHeight + Theme.sized(8)
    radius: height / 2
    color: soft
    border.color: line

    Label {
        id: words
        anchors.centerIn: parent
        color: badge.tint
        font.pixelSize: Theme.tinySize
        font.capitalization: Font.AllUppercase
        font.letterSpacing: 0.5
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
}
