pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// Tries the loaded model: a conversation, or a plain completion where it has no chat template.
Item {
    id: page

    required property Chat chat
    readonly property int margin: width < Theme.narrow ? 16 : 24

    signal modelsAsked

    function say(text: string): void {
        Accessible.announce(text);
    }

    function focusMessage(): void {
        composer.takeFocus();
    }

    ColumnLayout {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.topMargin: page.margin
        anchors.bottomMargin: page.margin
        width: Math.min(page.width - 2 * page.margin, 960)
        spacing: 16

        GridLayout {
            Layout.fillWidth: true
            columns: page.width < Theme.narrow ? 1 : 2
            columnSpacing: 16
            rowSpacing: 12

            PageTitle {
                Layout.fillWidth: true
                title: qsTr("Chat")
                subtitle: page.chat.embeds ? qsTr("%1 makes embeddings; it does not write text").arg(page.chat.modelName) : !page.chat.ready ? qsTr("Try a loaded model") : page.chat.conversing ? qsTr("A conversation with %1").arg(page.chat.modelName) : qsTr("%1 has no chat template: it continues your text").arg(page.chat.modelName)
            }
            ChatSettings {
                Layout.fillWidth: page.width < Theme.narrow
                chat: page.chat
            }
        }
        ListView {
            id: list
            objectName: "chat-messages"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: 80
            clip: true
            model: page.chat.messages
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {}
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Conversation")

            delegate: MessageBubble {
                width: ListView.view.width - 14
                modelName: page.chat.modelName
            }
            // The end stays in sight while it grows, unless the person has scrolled away from it.
            property bool following: true
            onMovementEnded: following = atYEnd
            onContentHeightChanged: {
                if (following)
                    Qt.callLater(list.positionViewAtEnd);
            }
            onCountChanged: following = true

            EmptyChat {
                anchors.centerIn: parent
                width: Math.min(parent.width, 460)
                visible: list.count === 0
                ready: page.chat.ready
                conversing: page.chat.conversing
                embeds: page.chat.embeds
                onModelsAsked: page.modelsAsked()
            }
        }
        ChatComposer {
            id: composer
            Layout.fillWidth: true
            chat: page.chat
        }
    }
    Connections {
        target: page.chat
        function onAnswered(text: string): void {
            page.say(text);
        }
    }
}
