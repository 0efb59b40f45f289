pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Where the server listens and which key it asks for, and the step to another address.
Card {
    id: card

    required property ServerState server
    required property ServerControls controls
    readonly property Item portField: port
    readonly property bool runs: server.state === ServerState.State.Serving

    CardTitle {
        glyph: "globe"
        text: qsTr("Address")

        Badge {
            objectName: "server-badge"
            text: card.server.label
            tint: card.runs ? Theme.colors.good : card.server.state === ServerState.State.Error ? Theme.colors.bad : Theme.colors.warn
            soft: card.runs ? Theme.colors.goodSoft : card.server.state === ServerState.State.Error ? Theme.colors.badSoft : Theme.colors.warnSoft
        }
    }
    Repeater {
        model: card.controls.addresses.length

        RowLayout {
            id: address

            required property int index
            readonly property string url: card.controls.addresses[index] ?? ""

            Layout.fillWidth: true
            spacing: Theme.sized(8)

            Label {
                objectName: "server-address"
                Layout.fillWidth: true
                text: address.url
                color: address.index === 0 ? Theme.colors.heading : Theme.colors.label
                font.family: Theme.mono
                font.pixelSize: Theme.sized(13)
                wrapMode: Text.WrapAnywhere
            }
            Button {
                implicitHeight: Theme.sized(32)
                kind: Button.Kind.Plain
                iconOnly: true
                glyph: "copy"
                text: qsTr("Copy %1").arg(address.url)
                onClicked: card.controls.copy(address.url)
            }
        }
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Port")
        error: card.controls.portError

        TextField {
            id: port
            objectName: "port-input"
            Layout.fillWidth: true
            Layout.maximumWidth: Theme.sized(160)
            text: card.controls.port
            faulty: card.controls.portError !== ""
            inputMethodHints: Qt.ImhDigitsOnly
            font.family: Theme.mono
            Accessible.name: qsTr("Port")
            described: card.controls.portError
            onTextEdited: card.controls.port = text
            onAccepted: card.controls.restart()
        }
    }
    Switch {
        objectName: "network-switch"
        Layout.fillWidth: true
        text: qsTr("Local network: other machines may come in")
        checked: card.controls.localNetwork
        onToggled: card.controls.localNetwork = checked
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("API key")
        aside: card.controls.keySetBy !== "" ? qsTr("(set by %1)").arg(card.controls.keySetBy) : card.controls.localNetwork ? "" : qsTr("(optional on this machine alone)")
        error: card.controls.keyError

        PasswordField {
            objectName: "key-input"
            Layout.fillWidth: true
            enabled: card.controls.keySetBy === ""
            text: card.controls.key
            faulty: card.controls.keyError !== ""
            font.family: Theme.mono
            showText: qsTr("Show the key")
            hideText: qsTr("Hide the key")
            Accessible.name: qsTr("API key")
            described: card.controls.keyError
            onTextEdited: card.controls.key = text
            onAccepted: card.controls.restart()
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(8)

        Button {
            objectName: "make-key-btn"
            implicitHeight: Theme.sized(34)
            glyph: "key"
            text: qsTr("Make a key")
            enabled: card.controls.keySetBy === ""
            onClicked: card.controls.makeKey()
        }
        Button {
            objectName: "copy-key-btn"
            implicitHeight: Theme.sized(34)
            glyph: "copy"
            text: qsTr("Copy the key")
            enabled: card.controls.key !== ""
            onClicked: card.controls.copy(card.controls.key)
        }
    }
    Label {
        objectName: "other-keys"
        Layout.fillWidth: true
        text: card.controls.otherKeys
        visible: text !== ""
        color: Theme.colors.label
        font.pixelSize: Theme.smallSize
    }
    Label {
        objectName: "overridden"
        Layout.fillWidth: true
        text: card.controls.overridden
        visible: text !== ""
        color: Theme.colors.warn
        font.pixelSize: Theme.smallSize
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("A restart keeps the loaded model, and answers that are under way come to their end.")
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(8)

        Button {
            id: restart
            objectName: "restart-btn"
            kind: Button.Kind.Primary
            glyph: "retry"
            busy: card.controls.busy
            text: card.runs ? qsTr("Restart the server") : qsTr("Start the server")
            enabled: card.controls.valid && (card.controls.different || !card.runs)
            heir: stop
            onClicked: card.controls.restart()
        }
        Button {
            id: stop
            objectName: "stop-server-btn"
            kind: Button.Kind.Danger
            glyph: "stop"
            text: qsTr("Stop")
            enabled: card.runs
            heir: restart
            onClicked: card.controls.stop()
        }
    }
}
