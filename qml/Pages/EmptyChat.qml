import QtQuick
import QtQuick.Layouts
import MiLLM

/// Before the first message: what to do here.
ColumnLayout {
    id: empty

    required property bool ready
    required property bool conversing
    required property bool embeds
    required property bool loadable // there are models to choose from
    required property string loading

    signal modelsAsked

    spacing: Theme.sized(12)

    Icon {
        Layout.alignment: Qt.AlignHCenter
        name: "chat"
        size: 36
        color: Theme.colors.muted
    }
    Label {
        objectName: "chat-empty"
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        color: Theme.colors.label
        text: empty.embeds ? qsTr("The loaded model makes embeddings: ask for them at /v1/embeddings.") : empty.loading !== "" ? qsTr("Loading %1…").arg(empty.loading) : !empty.ready && empty.loadable ? qsTr("No model is loaded. Choose one above.") : !empty.ready ? qsTr("There is no model yet. Download one on the Models page, then come back.") : empty.conversing ? qsTr("Say something to the model.") : qsTr("Write the beginning of a text; the model goes on with it.")
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        kind: Button.Kind.Accent
        glyph: "server"
        text: qsTr("Go to Models")
        visible: !empty.ready && empty.loading === ""
        onClicked: empty.modelsAsked()
    }
}
