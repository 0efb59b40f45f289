import MiLLM

/// Asks before a model's files go, and names the space they free.
ConfirmDialog {
    id: dialog

    property string name
    property string disk
    property bool local: false

    function ask(id: var, name: string, disk: string, local: bool): void {
        dialog.confirmedId = id;
        dialog.name = name;
        dialog.disk = disk;
        dialog.local = local;
        open();
    }

    objectName: "delete-dialog"
    title: local ? qsTr("Remove model?") : qsTr("Delete model?")
    action: local ? qsTr("Remove") : qsTr("Delete")
    sentence: local ? disk === "" ? qsTr("%1 leaves the list. Its files stay where they are.").arg(name) : qsTr("%1 leaves the list. Its files stay where they are. What was quantized of them is deleted, which frees %2.").arg(name).arg(disk) : disk === "" ? qsTr("%1 and its files are deleted from this machine.").arg(name) : qsTr("%1 and its files are deleted from this machine. This frees %2.").arg(name).arg(disk)
}
