import QtQuick
import QtQuick.Layouts
import MiLLM

/// Asks before a model's files go, and names the space they free.
Dialog {
    id: dialog

    property var modelId
    property string name
    property string disk
    property bool local: false

    signal confirmed(var id)

    function ask(id: var, name: string, disk: string, local: bool): void {
        dialog.modelId = id;
        dialog.name = name;
        dialog.disk = disk;
        dialog.local = local;
        open();
    }

    objectName: "delete-dialog"
    title: local ? qsTr("Remove model?") : qsTr("Delete model?")
    glyph: "trash"
    glyphTint: Theme.colors.bad
    wanted: 460
    initialFocus: keep

    buttons: [
        Button {
            id: keep
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "confirm-delete-btn"
            kind: Button.Kind.Danger
            glyph: "trash"
            text: dialog.local ? qsTr("Remove") : qsTr("Delete")
            onClicked: {
                dialog.accept();
                dialog.confirmed(dialog.modelId);
            }
        }
    ]

    Label {
        objectName: "delete-sentence"
        Layout.fillWidth: true
        text: dialog.local ? qsTr("%1 leaves the list. Its files stay where they are.").arg(dialog.name) : dialog.disk === "" ? qsTr("%1 and its files are deleted from this machine.").arg(dialog.name) : qsTr("%1 and its files are deleted from this machine. This frees %2.").arg(dialog.name).arg(dialog.disk)
    }
}
