import QtQuick
import MiLLM

/// Where the loaded model lies, what it really takes, and how to reach it.
Flow {
    id: loaded

    required property ModelFacts card

    spacing: Theme.sized(8)

    Row {
        height: Math.max(Theme.sized(28), memory.height)
        spacing: Theme.sized(6)

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: "memory"
            size: 14
            color: Theme.colors.good
        }
        Label {
            id: memory
            objectName: "model-memory"
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, loaded.width - Theme.sized(20))
            text: loaded.card.memoryText
            color: Theme.colors.label
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
        }
    }
    Button {
        objectName: "copy-endpoint-btn"
        implicitHeight: Theme.sized(28)
        leftPadding: Theme.sized(8)
        kind: Button.Kind.Plain
        font.pixelSize: Theme.smallSize
        glyph: "copy"
        text: qsTr("Copy endpoint")
        onClicked: loaded.card.endpointAsked()
    }
    Button {
        objectName: "copy-curl-btn"
        implicitHeight: Theme.sized(28)
        leftPadding: Theme.sized(8)
        kind: Button.Kind.Plain
        font.pixelSize: Theme.smallSize
        glyph: "terminal"
        text: qsTr("Copy curl")
        onClicked: loaded.card.curlAsked()
    }
}
