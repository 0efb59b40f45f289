import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Adds a model's folder of this machine; the files stay where they are.
Dialog {
    id: dialog

    required property LocalForm form

    objectName: "local-dialog"
    title: qsTr("Add from folder")
    glyph: "folder"
    initialFocus: path

    buttons: [
        Button {
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "local-add-btn"
            kind: Button.Kind.Primary
            text: qsTr("Add model")
            busy: dialog.form.busy
            enabled: dialog.form.valid && !dialog.form.busy
            onClicked: dialog.form.add()
        }
    ]

    Field {
        Layout.fillWidth: true
        label: qsTr("Model folder")
        error: dialog.form.pathError

        TextField {
            id: path
            objectName: "local-path-input"
            Layout.fillWidth: true
            text: dialog.form.path
            placeholderText: qsTr("/path/to/model")
            faulty: dialog.form.pathError !== ""
            font.family: Theme.mono
            font.pixelSize: Theme.sized(13)
            Accessible.name: qsTr("Model folder")
            described: dialog.form.pathError
            onTextEdited: dialog.form.path = text
            onAccepted: dialog.form.add()
        }
        Button {
            objectName: "local-browse-btn"
            text: qsTr("Browse…")
            onClicked: chooser.open()
        }
    }
    Notice {
        objectName: "local-packed"
        Layout.fillWidth: true
        visible: text !== ""
        text: dialog.form.packed
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Quantization to apply when loading")

        SchemeBox {
            objectName: "local-scheme-box"
            Layout.fillWidth: true
            schemes: dialog.form.schemes
            chosen: dialog.form.scheme
            Accessible.name: qsTr("Quantization to apply when loading")
            onActivated: index => dialog.form.scheme = index
        }
    }
    TrustBox {
        objectName: "local-trust-box"
        Layout.fillWidth: true
        checked: dialog.form.trust
        onToggled: dialog.form.trust = checked
    }

    FolderDialog {
        id: chooser
        title: qsTr("Choose the model's folder")
        currentFolder: dialog.form.startFolder
        onAccepted: dialog.form.choose(selectedFolder)
    }
    Connections {
        target: dialog.form
        function onAdded(): void {
            dialog.accept();
        }
    }
}
