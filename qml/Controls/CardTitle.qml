import QtQuick
import QtQuick.Layouts
import MiLLM

/// A card's heading: icon and words; what belongs at the right stands behind them.
RowLayout {
    id: head

    required property string text
    property string glyph: ""

    Layout.fillWidth: true
    spacing: Theme.sized(8)

    Icon {
        name: head.glyph
        color: Theme.colors.accent
        visible: head.glyph !== ""
    }
    Label {
        Layout.fillWidth: true
        text: head.text
        color: Theme.colors.heading
        weight: Font.DemiBold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
}
