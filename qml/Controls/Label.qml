import QtQuick
import MiLLM

/// Text in the theme's font; wraps rather than being cut.
Text {
    property int weight: Font.Normal

    color: Theme.colors.text
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize
    font.weight: weight
    wrapMode: Text.Wrap
    horizontalAlignment: Text.AlignLeft // the side where lines begin, whatever the text is written in
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
