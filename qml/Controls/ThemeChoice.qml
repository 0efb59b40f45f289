pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The choice of the window's theme.
Field {
    id: field

    required property Appearance appearance
    readonly property list<var> themes: [
        {
            choice: Appearance.Choice.System,
            name: qsTr("System")
        },
        {
            choice: Appearance.Choice.Dark,
            name: qsTr("Dark")
        },
        {
            choice: Appearance.Choice.Light,
            name: qsTr("Light")
        },
        {
            choice: Appearance.Choice.HighContrast,
            name: qsTr("High contrast")
        }
    ]

    label: qsTr("Theme")

    RadioRow {
        objectName: "theme-choice"
        Layout.fillWidth: true
        texts: field.themes.map(theme => theme.name)
        current: field.themes.findIndex(theme => theme.choice === field.appearance.choice)
        onPicked: index => field.appearance.choice = field.themes[index].choice
    }
}
