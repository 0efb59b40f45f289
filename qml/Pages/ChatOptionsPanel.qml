import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// How the answers of this conversation are made.
Card {
    id: panel

    required property ChatOptions options

    component Entry: Row {
        id: entry

        property alias label: words.text
        default property alias field: place.data

        spacing: Theme.sized(8)

        Label {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
        Row {
            id: place
        }
    }

    Field {
        Layout.fillWidth: true
        label: qsTr("System prompt")
        aside: qsTr("What the model is told before the conversation")

        TextArea {
            id: system
            Layout.fillWidth: true
            Layout.margins: Theme.sized(2)
            text: panel.options.system
            placeholder: qsTr("You are a helpful assistant.")
            most: Theme.sized(110)
            editor.objectName: "system-input"
            editor.Accessible.name: qsTr("System prompt")
            editor.onEditingFinished: panel.options.system = system.text
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(14)

        Entry {
            label: qsTr("Temperature")

            NumberField {
                objectName: "temperature-input"
                value: panel.options.temperature
                decimals: 2
                from: 0
                to: 2
                Accessible.name: qsTr("Temperature")
                onEntered: value => panel.options.temperature = value
            }
        }
        Entry {
            label: qsTr("Top-p")

            NumberField {
                objectName: "top-p-input"
                value: panel.options.topP
                decimals: 2
                from: 0.01
                to: 1
                Accessible.name: qsTr("Top-p")
                onEntered: value => panel.options.topP = value
            }
        }
        Entry {
            label: qsTr("Top-k")

            NumberField {
                objectName: "top-k-input"
                value: panel.options.topK
                from: 0
                to: 1000
                Accessible.name: qsTr("Top-k, 0 is off")
                onEntered: value => panel.options.topK = value
            }
        }
        Entry {
            label: qsTr("Min-p")

            NumberField {
                objectName: "min-p-input"
                value: panel.options.minP
                decimals: 2
                from: 0
                to: 1
                Accessible.name: qsTr("Min-p")
                onEntered: value => panel.options.minP = value
            }
        }
        Entry {
            label: qsTr("Seed")

            TextField {
                id: seed
                objectName: "seed-input"
                implicitWidth: Theme.sized(110)
                implicitHeight: Theme.sized(34)
                topPadding: Theme.sized(6)
                bottomPadding: Theme.sized(6)
                text: panel.options.seed
                placeholderText: qsTr("random")
                font.family: Theme.mono
                font.pixelSize: Theme.sized(13)
                inputMethodHints: Qt.ImhDigitsOnly
                Accessible.name: qsTr("Seed, empty for another one each time")
                onEditingFinished: {
                    panel.options.seed = text;
                    text = Qt.binding(() => panel.options.seed);
                }
            }
        }
        Entry {
            label: qsTr("Max tokens")

            NumberField {
                objectName: "max-tokens-input"
                implicitWidth: Theme.sized(90)
                value: panel.options.maxTokens
                from: 1
                to: 1048576
                Accessible.name: qsTr("Max tokens")
                onEntered: value => panel.options.maxTokens = value
            }
        }
    }
}
