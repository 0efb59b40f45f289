pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The keys of the window, and the choice of its theme.
Dialog {
    id: dialog

    required property Appearance appearance
    // Append a row for a new key.
    readonly property list<var> keys: [
        {
            keys: qsTr("Ctrl+1 … Ctrl+9"),
            what: qsTr("Go to a page")
        },
        {
            keys: qsTr("Ctrl+L"),
            what: qsTr("Go to the repository box")
        },
        {
            keys: qsTr("Tab, Shift+Tab"),
            what: qsTr("Next, previous control")
        },
        {
            keys: qsTr("Arrows"),
            what: qsTr("Next model, next tab; otherwise scroll, as Page Up, Page Down, Home and End do")
        },
        {
            keys: qsTr("Enter"),
            what: qsTr("On a model: load, unload or retry. In the form: download")
        },
        {
            keys: qsTr("Delete"),
            what: qsTr("On a model: delete it")
        },
        {
            keys: qsTr("Shift+F10"),
            what: qsTr("On a model: what else can be done with it")
        },
        {
            keys: qsTr("Escape"),
            what: qsTr("Close a dialog, stop an answer")
        },
        {
            keys: qsTr("Ctrl+Q"),
            what: qsTr("Quit; asks first where something is under way")
        },
        {
            keys: qsTr("F1"),
            what: qsTr("This dialog")
        }
    ]

    objectName: "shortcuts-dialog"
    title: qsTr("Shortcuts and appearance")
    glyph: "help"

    buttons: [
        Button {
            text: qsTr("Done")
            kind: Button.Kind.Primary
            onClicked: dialog.accept()
        }
    ]

    Repeater {
        model: dialog.keys

        GridLayout {
            id: entry
            required property var modelData
            Layout.fillWidth: true
            columns: width < Theme.sized(280) ? 1 : 2
            columnSpacing: Theme.sized(12)
            rowSpacing: Theme.sized(2)

            Label {
                Layout.preferredWidth: Theme.sized(150)
                Layout.alignment: Qt.AlignTop
                text: entry.modelData.keys
                color: Theme.colors.accent
                font.family: Theme.mono
                font.pixelSize: Theme.smallSize
                weight: Font.DemiBold
            }
            Label {
                Layout.fillWidth: true
                text: entry.modelData.what
                font.pixelSize: Theme.sized(13)
            }
        }
    }
    ThemeChoice {
        Layout.fillWidth: true
        appearance: dialog.appearance
    }
}
