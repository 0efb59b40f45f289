pragma Singleton
import QtQuick
import MiLLM.Ui

/// Every colour, font, size and duration of the window. What is counted in pixels passes sized(), but for hairlines. The root sets
/// `shown`, `motion` and `textScale`; nobody else does.
QtObject {
    id: theme

    property int shown: Appearance.Choice.Dark
    property bool motion: true
    property real textScale: 1 // of texts and all that holds them, as the system and the person wish it

    readonly property bool fromRight: Application.layoutDirection === Qt.RightToLeft // lines begin there, and scroll bars stand left

    readonly property Tokens dark: DarkTokens {}
    readonly property Tokens light: LightTokens {}
    readonly property Tokens contrast: ContrastTokens {}
    readonly property Tokens colors: shown === Appearance.Choice.Light ? light : shown === Appearance.Choice.HighContrast ? contrast : dark

    readonly property string sans: "Inter"
    readonly property string mono: "JetBrains Mono"

    // How rich text looks: Qt's subset of CSS.
    readonly property string prose: "<style>a {color: " + colors.accent + "} code, pre {font-family: '" + mono + "'; background-color: " + colors.code + "} p, h2, h3, h4 {margin-top: 0; margin-bottom: 0} p.inner {margin-bottom: " + sized(6) + "px} table {border-collapse: collapse; border-color: " + colors.inputLine + "} ul, ol {margin-top: 0; margin-bottom: 0} li {margin-bottom: " + sized(3) + "px}</style>"

    function sized(pixels: real): int {
        return Math.round(pixels * textScale);
    }

    readonly property int titleSize: sized(24)
    readonly property int headingSize: sized(16)
    readonly property int bodySize: sized(14)
    readonly property int smallSize: sized(12)
    readonly property int tinySize: sized(11)

    readonly property real disabledOpacity: 0.7 // what cannot be changed is to be read all the same

    readonly property int contentWidth: sized(1600)
    readonly property int narrow: sized(640)
    readonly property int twoColumns: sized(1000)

    readonly property int quick: motion ? 200 : 0
    readonly property int progressing: motion ? 300 : 0
    readonly property int pulse: 2000
}
