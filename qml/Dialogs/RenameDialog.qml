import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Gives a model another name.
Dialog {
    id: dialog

    required property ModelList models
    property var modelId
    property string why: ""

    function ask(id: var, name: string): void {
        modelId = id;
        why = "";
        box.text = name;
        box.selectAll();
        open();
    }
    function rename(): void {
        if (box.text.trim() !== "")
            models.rename(modelId, box.text);
    }

    objectName: "rename-dialog"
    title: qsTr("Rename model")
    glyph: "edit"
    wanted: 460
    onOpened: box.forceActiveFocus(Qt.PopupFocusReason)

    buttons: [
        Button {
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "rename-btn"
            kind: Button.Kind.Primary
            text: qsTr("Rename")
            enabled: box.text.trim() !== ""
            onClicked: dialog.rename()
        }
    ]

    Field {
        Layout.fillWidth: true
        label: qsTr("Name")
        aside: qsTr("(letters, digits, “-”, “_” and “.”; requests use it)")
        error: dialog.why

        TextField {
            id: box
            objectName: "rename-input"
            Layout.fillWidth: true
            faulty: dialog.why !== ""
            maximumLength: 255
            inputMethodHints: Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText
            Accessible.name: qsTr("Name")
            Accessible.description: dialog.why
            onTextEdited: dialog.why = ""
            onAccepted: dialog.rename()
        }
    }
    Connections {
        target: dialog.models
        function onRenamed(id: var): void {
            dialog.accept();
        }
        function onRenameRefused(why: string): void {
            dialog.why = why;
        }
    }
}
