import QtQuick
import MiLLM

/// A quantization in the preview: what it takes and whether it fits; choosing it is what the radio mark shows.
Rectangle {
    id: row

    required property int index
    required property string shortName
    required property string disk
    required property string memory
    required property string saving
    required property int fit
    required property string fitText
    property bool chosen: false

    signal picked

    implicitHeight: grid.implicitHeight + Theme.sized(20)
    radius: Theme.sized(8)
    color: chosen ? Theme.colors.accentSoft : "transparent"
    border.color: chosen ? Theme.colors.accent : Theme.colors.itemLine
    activeFocusOnTab: true
    Accessible.role: Accessible.RadioButton
    Accessible.name: qsTr("%1: %2 disk, %3 memory").arg(shortName).arg(disk).arg(memory)
    Accessible.description: [saving, fitText].filter(part => part !== "").join(", ")
    Accessible.checkable: true
    Accessible.checked: chosen
    Accessible.onPressAction: picked()
    Keys.onSpacePressed: picked()
    Keys.onReturnPressed: picked()

    TapHandler {
        onTapped: row.picked()
    }
    FocusRing {
        shown: row.activeFocus
    }
    Flow {
        id: grid
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.sized(10)
        spacing: Theme.sized(12)

        Label {
            width: Theme.sized(44)
            text: row.shortName
            weight: Font.DemiBold
            color: row.chosen ? Theme.colors.accent : Theme.colors.text
        }
        Label {
            text: qsTr("%1 disk").arg(row.disk)
            font.pixelSize: Theme.sized(13)
        }
        Label {
            text: qsTr("%1 memory").arg(row.memory)
            font.pixelSize: Theme.sized(13)
        }
        Label {
            text: row.saving
            visible: text !== ""
            color: Theme.colors.muted
            font.pixelSize: Theme.sized(13)
        }
        FitMark {
            fit: row.fit
            words: row.fitText
        }
    }
}
