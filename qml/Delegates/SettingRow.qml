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

    Layout.maximumWidth: Theme.sized(760)
    spacing: Theme.sized(6)

    // One editor of the setting's kind.
    Loader {
        Layout.fillWidth: true
        sourceComponent: row.kind === SettingsGroup.Kind.Switch ? toggle : row.kind === SettingsGroup.Kind.Choice ? choosing : typing
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

    Component {
        id: typing

        Field {
            label: row.title
            error: row.fault

            TextField {
                objectName: "setting-" + row.key
                Layout.fillWidth: true
                enabled: row.free
                text: row.value
                placeholderText: row.fallback
                faulty: row.fault !== ""
                font.family: Theme.mono
                font.pixelSize: Theme.sized(13)
                Accessible.name: row.title
                described: row.fault === "" ? row.described : row.fault
                onEditingFinished: {
                    if (text !== row.value || row.fault !== "")
                        row.entered(text);
                }
            }
            Loader {
                active: row.kind === SettingsGroup.Kind.Folder
                visible: active
                sourceComponent: Button {
                    enabled: row.free
                    text: qsTr("Browse…")
                    Accessible.description: row.title
                    onClicked: chooser.active = true
                }
            }
        }
    }
    Component {
        id: choosing

        Field {
            label: row.title
            error: row.fault

            ChoiceBox {
                objectName: "setting-" + row.key
                Layout.fillWidth: true
                enabled: row.free
                model: row.choices
                chosen: row.choice
                detail: row.described
                Accessible.name: row.title
                onActivated: option => row.chosen(option)
            }
        }
    }
    Component {
        id: toggle

        Switch {
            objectName: "setting-" + row.key
            enabled: row.free
            text: row.title
            checked: row.choice === 1
            Accessible.description: row.described
            onToggled: row.switched(checked)
        }
    }
}
