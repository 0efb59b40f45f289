import QtQuick
import MiLLM

/// The program's tile and name.
Row {
    id: brand

    property bool named: true
    property bool explained: true
    readonly property real nameWidth: title.implicitWidth
    readonly property real subtitleWidth: Math.max(0, subtitle.implicitWidth - title.implicitWidth)

    spacing: Theme.sized(12)

    Rectangle {
        width: Theme.sized(36)
        height: Theme.sized(36)
        radius: Theme.sized(8)
        gradient: Gradient {
            GradientStop {
                position: 0
                color: Theme.colors.tileStart
            }
            GradientStop {
                position: 1
                color: Theme.colors.tileEnd
            }
        }
        Icon {
            anchors.centerIn: parent
            name: "bolt"
            size: 20
            color: Theme.colors.onTile
        }
    }
    Column {
        anchors.verticalCenter: parent.verticalCenter
        visible: brand.named

        Label {
            id: title
            text: "miLLM"
            color: Theme.colors.heading
            font.pixelSize: Theme.sized(20)
            weight: Font.Bold
            wrapMode: Text.NoWrap
        }
        Label {
            id: subtitle
            text: qsTr("Mechanistic Interpretability Server")
            color: Theme.colors.muted
            font.pixelSize: Theme.tinySize
            wrapMode: Text.NoWrap
            visible: brand.explained
        }
    }
}
