pragma Singleton
import QtQuick
import MiLLM.Ui

/// Every colour, font, size and duration of the window. The root sets `shown` and `motion`; nobody else does.
QtObject {
    id: theme

    property int shown: Appearance.Choice.Dark
    property bool motion: true

    readonly property Tokens dark: DarkTokens {}
    readonly property Tokens light: LightTokens {}
    readonly property Tokens contrast: ContrastTokens {}
    readonly property Tokens colors: shown === Appearance.Choice.Light ? light : shown === Appearance.Choice.HighContrast ? contrast : dark

    readonly property string sans: "Inter"
    readonly property string mono: "JetBrains Mono"

    // How rich text looks: Qt's subset of CSS.
    readonly property string prose: "<style>a {color: " + colors.accent + "} code, pre {font-family: '" + mono + "'; background-color: " + colors.code + "} p, h2, h3, h4 {margin-top: 0; margin-bottom: 0} p.inner {margin-bottom: 6px} table {border-collapse: collapse; border-color: " + colors.inputLine + "} ul, ol {margin-top: 0; margin-bottom: 0} li {margin-bottom: 3px}</style>"

    readonly property int titleSize: 24
    readonly property int headingSize: 16
    readonly property int bodySize: 14
    readonly property int smallSize: 12
    readonly property int tinySize: 11

    readonly property int contentWidth: 1600
    readonly property int narrow: 640
    readonly property int twoColumns: 1000

    readonly property int quick: motion ? 200 : 0
    readonly property int progressing: motion ? 300 : 0
    readonly property int pulse: 2000
}
