import QtQuick
import QtQuick.Layouts
import MiLLM

/// Asks for another name of something.
Dialog {
    id: dialog

    property var renamedId

    signal renamed(var id, string name)

    function ask(id: var, name: string): void {
        renamedId = id;
        field.text = name;
        open();
        field.selectAll();
    }
    function done(): void {
        if (field.text.trim() === "")
            return;
        accept();
        renamed(renamedId, field.text);
    }

    objectName: "title-dialog"
    glyph: "edit"
    wanted: 420
    onOpened: field.forceActiveFocus(Qt.PopupFocusReason)

    buttons: [
        Button {
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "title-btn"
            kind: Button.Kind.Primary
            text: qsTr("Rename")
            enabled: field.text.trim() !== ""
            onClicked: dialog.done()
        }
    ]

    TextField {
        id: field
        objectName: "title-input"
        Layout.fillWidth: true
        Layout.margins: 2
        maximumLength: 200
        Accessible.name: dialog.title
        onAccepted: dialog.done()
    }
}
