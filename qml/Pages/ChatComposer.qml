import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// Where the next message is written. Enter sends, Shift+Enter begins a line, Escape stops the answer.
RowLayout {
    id: composer

    required property Chat chat

    function send(): void {
        if (!chat.send(draft.text))
            return;
        draft.clear();
        // From the button too, which goes while the answer comes.
        takeFocus();
    }

    function takeFocus(): void {
        draft.forceActiveFocus();
    }

    spacing: 10

    Flickable {
        id: scroll
        Layout.fillWidth: true
        Layout.margins: 2
        implicitHeight: Math.min(160, draft.implicitHeight)
        contentHeight: draft.implicitHeight
        boundsBehavior: Flickable.StopAtBounds

        T.TextArea.flickable: T.TextArea {
            id: draft
            objectName: "chat-input"
            implicitHeight: contentHeight + topPadding + bottomPadding
            padding: 11
            leftPadding: 14
            rightPadding: 14
            color: Theme.colors.text
            font.family: Theme.sans
            font.pixelSize: Theme.bodySize
            selectionColor: Theme.colors.accent
            selectedTextColor: Theme.colors.popup
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
            enabled: composer.chat.ready
            Accessible.name: composer.chat.conversing ? qsTr("Your message") : qsTr("Text to continue")
            KeyNavigation.priority: KeyNavigation.BeforeItem
            KeyNavigation.tab: sendButton
            Keys.onPressed: event => {
                if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && !(event.modifiers & Qt.ShiftModifier)) {
                    composer.send();
                    event.accepted = true;
                } else if (event.key === Qt.Key_Escape && composer.chat.busy) {
                    composer.chat.stop();
                    event.accepted = true;
                }
            }

            Label {
                anchors.fill: parent
                anchors.margins: draft.padding
                anchors.leftMargin: draft.leftPadding
                text: composer.chat.conversing ? qsTr("Write a message…") : qsTr("Once upon a time…")
                color: Theme.colors.muted
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
                visible: draft.length === 0 && draft.preeditText === ""
                Accessible.ignored: true
            }
            background: Rectangle {
                radius: 8
                color: Theme.colors.input
                border.color: draft.activeFocus ? Theme.colors.accent : Theme.colors.inputLine
                opacity: draft.enabled ? 1 : 0.55

                FocusRing {
                    shown: draft.activeFocus
                }
            }
        }
        T.ScrollBar.vertical: ScrollBar {}
    }
    Button {
        id: sendButton
        objectName: "chat-send-btn"
        Layout.alignment: Qt.AlignBottom
        Layout.bottomMargin: 2
        kind: Button.Kind.Primary
        glyph: "send"
        text: qsTr("Send")
        iconOnly: composer.width < 480
        visible: !composer.chat.busy
        enabled: composer.chat.ready && draft.text.trim() !== ""
        onClicked: composer.send()
    }
    Button {
        objectName: "chat-stop-btn"
        Layout.alignment: Qt.AlignBottom
        Layout.bottomMargin: 2
        kind: Button.Kind.Danger
        glyph: "stop"
        text: qsTr("Stop")
        iconOnly: composer.width < 480
        visible: composer.chat.busy
        onClicked: composer.chat.stop()
    }
}
