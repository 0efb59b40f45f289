import QtQuick
import QtQuick.Layouts
import MiLLM

/// Asks for another name of something. Whoever uses it closes it when the name is taken, or says `why` it is not.
Dialog {
    id: dialog

    property var renamedId
    property string aside: ""
    property string why: ""
    property int longest: 200

    signal nameAsked(var id, string name)

    function ask(id: var, name: string): void {
        renamedId = id;
        why = "";
        box.text = name;
        box.selectAll();
        open();
    }
    function rename(): void {
        if (box.text.trim() !== "")
            nameAsked(renamedId, box.text);
    }

    objectName: "rename-dialog"
    glyph: "edit"
    wanted: Theme.sized(460)
    initialFocus: box

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
        aside: dialog.aside
        error: dialog.why

        TextField {
            id: box
            objectName: "rename-input"
            Layout.fillWidth: true
            faulty: dialog.why !== ""
            maximumLength: dialog.longest
            inputMethodHints: Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText
            Accessible.name: qsTr("Name")
            described: dialog.why
            onTextEdited: dialog.why = ""
            onAccepted: dialog.rename()
        }
    }
}
