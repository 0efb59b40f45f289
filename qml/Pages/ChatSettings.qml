import QtQuick
import MiLLM
import MiLLM.Ui

/// How the next answer is made.
Flow {
    id: settings

    required property Chat chat

    spacing: 12

    Row {
        spacing: 8

        Label {
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Temperature")
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
        NumberField {
            objectName: "temperature-input"
            value: settings.chat.temperature
            decimals: 2
            from: 0
            to: 2
            Accessible.name: qsTr("Temperature")
            onEntered: value => settings.chat.temperature = value
        }
    }
    Row {
        spacing: 8

        Label {
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Max tokens")
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
        NumberField {
            objectName: "max-tokens-input"
            value: settings.chat.maxTokens
            decimals: 0
            from: 1
            to: 8192
            Accessible.name: qsTr("Max tokens")
            onEntered: value => settings.chat.maxTokens = value
        }
    }
    Button {
        objectName: "chat-clear-btn"
        implicitHeight: 34
        glyph: "trash"
        text: qsTr("Clear")
        onClicked: settings.chat.clear()
    }
}
