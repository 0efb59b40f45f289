import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Above the conversation: what it is about, who answers, and how.
GridLayout {
    id: header

    required property Chat chat
    required property LoadableModels models
    property bool narrow: false
    property bool sidebar: true
    property alias optionsShown: optionsButton.checked

    signal loadAsked(var id)
    signal conversationsAsked
    signal exportAsked

    function focusExport(): void {
        exporter.forceActiveFocus(Qt.BacktabFocusReason);
    }

    columns: narrow ? 1 : 2
    columnSpacing: Theme.sized(16)
    rowSpacing: Theme.sized(10)

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.sized(8)

        Button {
            objectName: "conversations-btn"
            visible: !header.sidebar
            iconOnly: true
            glyph: "menu"
            text: qsTr("Conversations")
            onClicked: header.conversationsAsked()
        }
        PageTitle {
            Layout.fillWidth: true
            oneLine: true
            title: header.chat.title === "" ? qsTr("Chat") : header.chat.title
            subtitle: header.models.loading !== "" ? qsTr("Loading %1…").arg(header.models.loading) : header.chat.embeds ? qsTr("%1 makes embeddings; it does not write text").arg(header.chat.modelName) : !header.chat.ready ? qsTr("Try a loaded model") : header.chat.conversing ? qsTr("A conversation with %1").arg(header.chat.modelName) : qsTr("%1 has no chat template: it continues your text").arg(header.chat.modelName)
        }
    }
    RowLayout {
        Layout.fillWidth: header.narrow
        spacing: Theme.sized(8)

        ChoiceBox {
            id: box
            objectName: "chat-model-box"
            Layout.fillWidth: header.narrow
            implicitWidth: Theme.sized(220)
            model: header.models
            textRole: "name"
            valueRole: "modelId"
            chosen: header.chat.modelName === "" ? -1 : 0 // the loaded one is the first
            displayText: header.models.loading !== "" ? qsTr("Loading %1…").arg(header.models.loading) : header.chat.modelName !== "" ? header.chat.modelName : header.models.count === 0 ? qsTr("No model yet") : qsTr("Load a model…")
            enabled: header.models.count > 0
            opacity: enabled ? 1 : 0.55
            Accessible.name: qsTr("Model")
            onActivated: index => {
                const id = valueAt(index);
                const loaded = index === 0 && header.chat.modelName !== "";
                currentIndex = Qt.binding(() => chosen);
                if (!loaded)
                    header.loadAsked(id);
            }
        }
        Button {
            id: optionsButton
            objectName: "chat-options-btn"
            checkable: true
            iconOnly: true
            kind: checked ? Button.Kind.Accent : Button.Kind.Outline
            glyph: "sliders"
            text: qsTr("How it answers")
        }
        Button {
            id: exporter
            objectName: "chat-export-btn"
            iconOnly: true
            glyph: "download"
            text: qsTr("Export conversation…")
            enabled: header.chat.transcript.turnCount > 0
            onClicked: header.exportAsked()
        }
    }
}
