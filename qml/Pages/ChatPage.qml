pragma ComponentBehavior: Bound
import QtCore
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// Talks to the loaded model, beside the conversations that were had before.
ScrollArea {
    id: page

    required property Chat chat
    required property LoadableModels models
    readonly property int margin: width < Theme.narrow ? Theme.sized(16) : Theme.sized(24)
    readonly property bool wide: width >= Theme.sized(900)

    // Where files of a person's own are: not everybody has the folder for documents.
    readonly property url documents: {
        const folder = StandardPaths.locate(StandardPaths.DocumentsLocation, "", StandardPaths.LocateDirectory);
        return folder.toString() === "" ? StandardPaths.writableLocation(StandardPaths.HomeLocation) : folder;
    }

    signal modelsAsked
    signal loadAsked(var id)

    // Where there is no room for all of it, the page scrolls.
    contentWidth: width
    contentHeight: Math.max(height, column.implicitHeight + 2 * margin)
    interactive: contentHeight > height
    clip: true
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Chat")
    Accessible.focusable: true

    function say(text: string, failure: bool): void {
        Accessible.announce(text, failure ? Accessible.Assertive : Accessible.Polite);
    }
    function focusMessage(): void {
        composer.takeFocus();
    }

    component Conversations: ConversationsPanel {
        chat: page.chat
        onOpened: {
            drawer.close();
            page.focusMessage();
        }
        onRenameAsked: (id, title) => (renameDialog.made() as RenameDialog).ask(id, title)
        onRemoveAsked: (id, title) => {
            const dialog = removeDialog.made() as ConfirmDialog;
            dialog.confirmedId = id;
            dialog.sentence = qsTr("“%1” is deleted with all that was said. It does not come back.").arg(title);
            dialog.open();
        }
    }

    RowLayout {
        anchors.fill: parent
        anchors.margins: page.margin
        spacing: Theme.sized(24)

        Loader {
            Layout.preferredWidth: Theme.sized(250)
            Layout.fillHeight: true
            active: page.wide
            visible: active
            sourceComponent: Conversations {}
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            ColumnLayout {
                id: column
                anchors.horizontalCenter: parent.horizontalCenter
                anchors.top: parent.top
                anchors.bottom: parent.bottom
                width: Math.min(parent.width, Theme.sized(960))
                spacing: Theme.sized(14)

                ChatHeader {
                    id: header
                    Layout.fillWidth: true
                    chat: page.chat
                    models: page.models
                    narrow: page.width < Theme.narrow
                    sidebar: page.wide
                    onLoadAsked: id => page.loadAsked(id)
                    onConversationsAsked: drawer.open()
                    onExportAsked: {
                        const dialog = fileDialog.made() as FileDialog;
                        dialog.selectedFile = dialog.currentFolder + "/" + encodeURIComponent(page.chat.fileName("md"));
                        dialog.open();
                    }
                }
                ChatOptionsPanel {
                    objectName: "chat-options"
                    Layout.fillWidth: true
                    padding: Theme.sized(14)
                    visible: header.optionsShown
                    options: page.chat.options
                }
                ChatView {
                    id: view
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.leftMargin: -Theme.sized(4)
                    Layout.minimumHeight: empty.visible ? empty.implicitHeight : Theme.sized(60)
                    chat: page.chat
                    onEditAsked: turn => composer.edit(turn)

                    EmptyChat {
                        id: empty
                        anchors.centerIn: parent
                        width: Math.min(parent.width, Theme.sized(460))
                        visible: view.count === 0
                        ready: page.chat.ready
                        conversing: page.chat.conversing
                        embeds: page.chat.embeds
                        loadable: page.models.count > 0
                        loading: page.models.loading
                        onModelsAsked: page.modelsAsked()
                    }
                }
                RowLayout {
                    Layout.fillWidth: true
                    visible: view.count > 0 && !page.chat.ready
                    spacing: Theme.sized(10)

                    Notice {
                        objectName: "chat-no-model"
                        Layout.fillWidth: true
                        glyph: page.models.loading !== "" ? "info" : "warning"
                        tint: page.models.loading !== "" ? Theme.colors.accent : Theme.colors.warn
                        soft: page.models.loading !== "" ? Theme.colors.accentSoft : Theme.colors.warnSoft
                        text: page.models.loading !== "" ? qsTr("Loading %1…").arg(page.models.loading) : page.chat.embeds ? qsTr("The loaded model makes embeddings. Load one that writes, and the conversation goes on.") : qsTr("No model is loaded. The conversation is kept: load a model above, and it goes on.")
                    }
                    Button {
                        objectName: "chat-models-btn"
                        glyph: "server"
                        text: qsTr("Go to Models")
                        iconOnly: page.width < Theme.narrow
                        onClicked: page.modelsAsked()
                    }
                }
                ChatComposer {
                    id: composer
                    Layout.fillWidth: true
                    chat: page.chat
                    onScrolled: pages => view.scroll(pages)
                }
            }
        }
    }

    T.Drawer {
        id: drawer
        objectName: "conversations-drawer"
        parent: T.Overlay.overlay
        edge: Theme.fromRight ? Qt.RightEdge : Qt.LeftEdge // where lines begin, as its button is
        width: Math.min(Theme.sized(300), page.width - Theme.sized(40))
        height: parent ? parent.height : 0
        padding: Theme.sized(16)
        interactive: !page.wide && page.visible
        focus: true
        enter: Transition {
            SmoothedAnimation {
                velocity: Theme.motion ? 5 : 1000
            }
        }
        exit: Transition {
            SmoothedAnimation {
                velocity: Theme.motion ? 5 : 1000
            }
        }
        onOpened: ((contentItem as Loader).item as ConversationsPanel)?.takeFocus()
        onClosed: page.focusMessage()
        T.Overlay.modal: Rectangle {
            color: Theme.colors.scrim
        }
        background: Rectangle {
            color: Theme.colors.popup
            border.color: Theme.colors.popupLine
        }
        contentItem: Loader {
            active: drawer.visible
            sourceComponent: Conversations {}
        }
    }
    OnDemand {
        id: renameDialog
        sourceComponent: RenameDialog {
            title: qsTr("Rename conversation")
            onNameAsked: (id, name) => {
                accept();
                page.chat.conversations.rename(id, name);
            }
        }
    }
    OnDemand {
        id: removeDialog
        sourceComponent: ConfirmDialog {
            title: qsTr("Delete conversation?")
            onConfirmed: id => page.chat.conversations.remove(id)
        }
    }
    OnDemand {
        id: fileDialog
        sourceComponent: FileDialog {
            title: qsTr("Export conversation")
            fileMode: FileDialog.SaveFile
            currentFolder: page.documents
            nameFilters: [qsTr("Markdown (*.md)"), qsTr("JSON (*.json)")]
            defaultSuffix: selectedNameFilter.extensions[0] ?? "md"
            onAccepted: page.chat.exportTo(selectedFile, selectedNameFilter.extensions[0] ?? "")
            onVisibleChanged: {
                if (!visible)
                    header.focusExport();
            }
        }
    }
    Connections {
        target: page.chat
        function onSpoken(text: string, failure: bool): void {
            page.say(text, failure);
        }
        // Who came while it was loaded came to write.
        function onModelChanged(): void {
            if (page.chat.ready && page.focused === page)
                Qt.callLater(page.focusMessage);
        }
    }
}
