pragma ComponentBehavior: Bound
import QtQuick
import MiLLM

/// A number of this machine: icon, name, value.
Row {
    id: metric

    required property string glyph
    property string name: ""
    required property string value
    property string hint: ""
    property color tint: Theme.colors.text

    spacing: Theme.sized(6)
    Accessible.role: Accessible.StaticText
    Accessible.name: (name === "" ? hint : name) + " " + value

    Icon {
        anchors.verticalCenter: parent.verticalCenter
        name: metric.glyph
        size: 14
        color: Theme.colors.muted
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        text: metric.name
        visible: text !== ""
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        text: metric.value
        color: metric.tint
        font.family: Theme.mono
        font.pixelSize: Theme.smallSize
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    HoverHandler {
        id: hover
    }
    Loader {
        active: hover.hovered && metric.hint !== ""
        sourceComponent: Item {
            ToolTip {
                parent: metric
                text: metric.hint
                y: metric.height + Theme.sized(8)
                visible: true
            }
        }
    }
}
