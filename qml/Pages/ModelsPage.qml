pragma ComponentBehavior: Bound
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
    signal folderAsked // of the database, another one

    title: qsTr("Models")

    function focusRepository(): void {
        form.focusRepository();
    }

    /// What was dropped on the window: the first folder of this machine, else the first repository.
    function take(urls: list<url>, text: string): void {
        for (const each of urls) {
            if (localForm.take(each)) {
                (localDialog.made() as LocalDialog).open();
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
        spacing: Theme.sized(20)

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
            onActed: page.folderAsked()
        }
        Notice {
            objectName: "server-trouble"
            Layout.fillWidth: true
            // Where the models are not there either, another port helps nobody.
            visible: page.server.state === ServerState.State.Error && page.models.failure === ""
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
            onLocalAsked: (localDialog.made() as LocalDialog).open()
        }
        ModelsSection {
            Layout.fillWidth: true
            models: page.models
            shownModels: page.shownModels
            sampleRepo: page.downloadForm.sampleRepo
            onLoadAsked: id => page.loadForm.load(id)
            onOptionsAsked: id => page.loadForm.choose(id)
            onDeleteAsked: (id, name, disk, local) => (deleteDialog.made() as DeleteDialog).ask(id, name, disk, local)
            onRenameAsked: (id, name) => (renameDialog.made() as RenameDialog).ask(id, name)
            onSampleAsked: {
                page.downloadForm.fillSample();
                form.focusDownload();
            }
        }
    }

    OnDemand {
        id: previewDialog
        sourceComponent: PreviewDialog {
            form: page.downloadForm
        }
    }
    OnDemand {
        id: tokenDialog
        sourceComponent: TokenDialog {
            form: page.downloadForm
        }
    }
    OnDemand {
        id: localDialog
        sourceComponent: LocalDialog {
            form: page.localForm
        }
    }
    OnDemand {
        id: loadDialog
        sourceComponent: LoadDialog {
            form: page.loadForm
        }
    }
    OnDemand {
        id: renameDialog
        sourceComponent: RenameDialog {
            title: qsTr("Rename model")
            aside: qsTr("(letters, digits, “-”, “_” and “.”; requests use it)")
            longest: 255
            onNameAsked: (id, name) => page.models.rename(id, name)
        }
    }
    OnDemand {
        id: deleteDialog
        sourceComponent: DeleteDialog {
            onConfirmed: id => page.models.remove(id)
        }
    }
    Connections {
        target: page.models
        function onRenamed(id: var): void {
            (renameDialog.item as RenameDialog)?.accept();
        }
        function onRenameRefused(why: string): void {
            (renameDialog.made() as RenameDialog).why = why;
        }
    }
    Connections {
        target: page.downloadForm
        function onPreviewReady(): void {
            (previewDialog.made() as PreviewDialog).open();
        }
        function onTokenWanted(repoId: string, why: string): void {
            (previewDialog.item as PreviewDialog)?.close();
            (tokenDialog.made() as TokenDialog).ask(repoId, why);
        }
    }
    Connections {
        target: page.loadForm
        function onWanted(): void {
            (loadDialog.made() as LoadDialog).open();
        }
    }
}
