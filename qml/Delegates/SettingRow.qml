pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// A setting: what it is called, its value, when it takes effect, and who overrides it.
ColumnLayout {
    id: row

    required property int index
    required property string key
    required property int kind
    required property string title
    required property string help
    required property string effect
    required property string value
    required property string fallback
    required property string setBy
    required property string fault
    required property var choices
    required property int choice
    readonly property bool free: setBy === ""
    readonly property string described: [help, free ? effect : qsTr("Set by %1.").arg(setBy)].filter(part => part !== "").join(" ")

    signal entered(string text)
    signal chosen(int option)
    signal switched(bool on)
    signal folderChosen(url folder)

    Layout.maximumWidth: 760
    spacing: 6

    Field {
        Layout.fillWidth: true
        visible: row.kind !== SettingsGroup.Kind.Switch
        label: row.title
        error: row.fault

        TextField {
            objectName: "setting-" + row.key
            Layout.fillWidth: true
            visible: row.kind === SettingsGroup.Kind.Text || row.kind === SettingsGroup.Kind.Folder
            enabled: row.free
            text: row.value
            placeholderText: row.fallback
            faulty: row.fault !== ""
            font.family: Theme.mono
            font.pixelSize: 13
            Accessible.name: row.title
            described: row.fault === "" ? row.described : row.fault
            onEditingFinished: {
                if (text !== row.value || row.fault !== "")
                    row.entered(text);
            }
        }
        Button {
            visible: row.kind === SettingsGroup.Kind.Folder
            enabled: row.free
            text: qsTr("Browse…")
            Accessible.description: row.title
            onClicked: chooser.active = true
        }
        ChoiceBox {
            objectName: "setting-" + row.key
            Layout.fillWidth: true
            visible: row.kind === SettingsGroup.Kind.Choice
            enabled: row.free
            model: row.choices
            currentIndex: row.choice
            detail: row.described
            Accessible.name: row.title
            // A box with another list begins with its first row.
            onModelChanged: currentIndex = Qt.binding(() => row.choice)
            onActivated: option => row.chosen(option)
        }
    }
    Switch {
        objectName: "setting-" + row.key
        Layout.fillWidth: true
        visible: row.kind === SettingsGroup.Kind.Switch
        enabled: row.free
        text: row.title
        checked: row.choice === 1
        Accessible.description: row.described
        onToggled: row.switched(checked)
    }
    Label {
        Layout.fillWidth: true
        text: row.free ? row.described : row.help
        visible: text !== ""
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
        Accessible.ignored: true
    }
    Label {
        objectName: "set-by-" + row.key
        Layout.fillWidth: true
        text: qsTr("Set by %1, which counts before what is written here.").arg(row.setBy)
        visible: !row.free
        color: Theme.colors.warn
        font.pixelSize: Theme.smallSize
    }
    Loader {
        id: chooser
        active: false
        sourceComponent: FolderDialog {
            title: row.title
            onAccepted: row.folderChosen(selectedFolder)
            onVisibleChanged: {
                if (!visible)
                    Qt.callLater(() => chooser.active = false);
            }
            Component.onCompleted: open()
        }
    }
}
