pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM

/// How the server and what it stands on fare.
Card {
    id: card

    required property var health

    CardTitle {
        glyph: "check-circle"
        text: qsTr("Health")
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("Asking…")
        color: Theme.colors.muted
        visible: facts.count === 0
    }
    Repeater {
        id: facts
        model: card.health

        Fact {
            required property var modelData
            objectName: "health-fact"
            name: modelData.name
            value: modelData.value
            tint: modelData.trouble ? Theme.colors.bad : Theme.colors.text
        }
    }
    Item {
        Layout.fillHeight: true
    }
}
