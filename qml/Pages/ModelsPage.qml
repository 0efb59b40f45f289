import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Downloads, lists, loads and deletes models.
ScrollPage {
    id: page

    required property string trouble
    required property ServerState server
    required property ModelList models
    required property ModelFilter shownModels
    required property DownloadForm downloadForm
    required property LocalForm localForm
    required property LoadForm loadForm

    signal serverAsked
    signal settingsAsked

    title: qsTr("Models")

    function focusRepository(): void {
        form.focusRepository();
    }

    /// What was dropped on the window: the first folder of this machine, else the first repository.
    function take(urls: list<url>, text: string): void {
        for (const each of urls) {
            if (localForm.take(each)) {
                localDialog.open();
                return;
            }
        }
        for (const each of [...urls, text]) {
            if (downloadForm.take(each.toString())) {
                form.focusRepository();
                return;
            }
        }
        downloadForm.refuseDrop();
    }

    ColumnLayout {
        width: parent?.width ?? 0
        spacing: 20

        PageTitle {
            Layout.fillWidth: true
            title: page.title
            subtitle: qsTr("Download and manage PyTorch models with quantization support")
        }
        Notice {
            objectName: "start-trouble"
            Layout.fillWidth: true
            visible: page.trouble.length > 0
            glyph: "warning"
            tint: Theme.colors.warn
            soft: Theme.colors.warnSoft
            text: page.trouble
            action: qsTr("Choose another folder…")
            onActed: page.settingsAsked()
        }
        Notice {
            objectName: "server-trouble"
            Layout.fillWidth: true
            visible: page.server.state === ServerState.State.Error
            glyph: "error"
            tint: Theme.colors.bad
            soft: Theme.colors.badSoft
            text: qsTr("Other programs cannot reach miLLM: %1 Models can be downloaded and used here all the same.").arg(page.server.detail)
            action: qsTr("Choose another port…")
            onActed: page.serverAsked()
        }
        DownloadCard {
            id: form
            Layout.fillWidth: true
            form: page.downloadForm
            onLocalAsked: localDialog.open()
        }
        ModelsSection {
            Layout.fillWidth: true
            models: page.models
            shownModels: page.shownModels
            sampleRepo: page.downloadForm.sampleRepo
            onLoadAsked: id => page.loadForm.load(id)
            onOptionsAsked: id => page.loadForm.choose(id)
            onDeleteAsked: (id, name, disk, local) => deleteDialog.ask(id, name, disk, local)
            onRenameAsked: (id, name) => renameDialog.ask(id, name)
            onSampleAsked: {
                page.downloadForm.fillSample();
                form.focusDownload();
            }
        }
    }

    PreviewDialog {
        id: previewDialog
        form: page.downloadForm
    }
    TokenDialog {
        id: tokenDialog
        form: page.downloadForm
    }
    LocalDialog {
        id: localDialog
        form: page.localForm
    }
    LoadDialog {
        id: loadDialog
        form: page.loadForm
    }
    RenameDialog {
        id: renameDialog
        title: qsTr("Rename model")
        aside: qsTr("(letters, digits, “-”, “_” and “.”; requests use it)")
        longest: 255
        onNameAsked: (id, name) => page.models.rename(id, name)
    }
    DeleteDialog {
        id: deleteDialog
        onConfirmed: id => page.models.remove(id)
    }
    Connections {
        target: page.models
        function onRenamed(id: var): void {
            renameDialog.accept();
        }
        function onRenameRefused(why: string): void {
            renameDialog.why = why;
        }
    }
    Connections {
        target: page.downloadForm
        function onPreviewReady(): void {
            previewDialog.open();
        }
        function onTokenWanted(repoId: string, why: string): void {
            previewDialog.close();
            tokenDialog.ask(repoId, why);
        }
    }
    Connections {
        target: page.loadForm
        function onWanted(): void {
            loadDialog.open();
        }
    }
}
