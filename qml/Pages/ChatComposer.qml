import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Where the next message is written. Enter sends, Shift+Enter begins a line, Escape stops the answer or the editing.
ColumnLayout {
    id: composer

    required property Chat chat

    signal scrolled(real pages)

    function send(): void {
        if (!chat.send(draft.text))
            return;
        draft.text = "";
        // From the button too, which goes while the answer comes.
        takeFocus();
    }
    function takeFocus(): void {
        draft.editor.forceActiveFocus();
    }
    function edit(turn: int): void {
        const text = chat.edit(turn);
        if (chat.editing === 0)
            return;
        draft.text = text;
        draft.editor.cursorPosition = text.length;
        takeFocus();
    }
    function cancelEditing(): void {
        chat.endEditing();
        draft.text = "";
        takeFocus();
    }

    spacing: Theme.sized(8)

    RowLayout {
        visible: composer.chat.editing !== 0
        spacing: Theme.sized(8)

        Label {
            objectName: "editing-note"
            Layout.fillWidth: true
            text: qsTr("You are editing a message. What was said stays as a version beside it.")
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
        }
        Button {
            objectName: "cancel-edit-btn"
            implicitHeight: Theme.sized(28)
            kind: Button.Kind.Plain
            glyph: "close"
            text: qsTr("Cancel")
            onClicked: composer.cancelEditing()
        }
    }
    RowLayout {
        spacing: Theme.sized(10)

        TextArea {
            id: draft
            Layout.fillWidth: true
            Layout.margins: Theme.sized(2)
            placeholder: !composer.chat.ready ? qsTr("Load a model to write to it") : composer.chat.conversing ? qsTr("Write a message…") : qsTr("Once upon a time…")
            editor.objectName: "chat-input"
            editor.enabled: composer.chat.ready
            editor.Accessible.name: composer.chat.conversing ? qsTr("Your message") : qsTr("Text to continue")
            editor.Keys.onPressed: event => {
                event.accepted = true;
                if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && !(event.modifiers & Qt.ShiftModifier))
                    composer.send();
                else if (event.key === Qt.Key_Escape && composer.chat.busy)
                    composer.chat.stop();
                else if (event.key === Qt.Key_Escape && composer.chat.editing !== 0)
                    composer.cancelEditing();
                else if (event.key === Qt.Key_PageUp || event.key === Qt.Key_PageDown)
                    composer.scrolled(event.key === Qt.Key_PageUp ? -1 : 1);
                else
                    event.accepted = false;
            }
        }
        Button {
            objectName: "chat-send-btn"
            Layout.alignment: Qt.AlignBottom
            Layout.bottomMargin: Theme.sized(2)
            kind: Button.Kind.Primary
            glyph: "send"
            text: qsTr("Send")
            iconOnly: composer.width < Theme.sized(480)
            visible: !composer.chat.busy
            enabled: composer.chat.ready && draft.text.trim() !== ""
            heir: draft.editor
            onClicked: composer.send()
        }
        Button {
            objectName: "chat-stop-btn"
            Layout.alignment: Qt.AlignBottom
            Layout.bottomMargin: Theme.sized(2)
            kind: Button.Kind.Danger
            glyph: "stop"
            text: qsTr("Stop")
            iconOnly: composer.width < Theme.sized(480)
            visible: composer.chat.busy
            heir: draft.editor
            onClicked: composer.chat.stop()
        }
    }
}
