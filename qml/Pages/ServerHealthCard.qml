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
        model: card.health.length // not the facts: who reads one keeps it when it changes

        Fact {
            required property int index
            readonly property var fact: card.health[index] ?? {}
            objectName: "health-fact"
            name: fact.name ?? ""
            value: fact.value ?? ""
            tint: fact.trouble ? Theme.colors.bad : Theme.colors.text
        }
    }
    Item {
        Layout.fillHeight: true
    }
}
