pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The choice of the window's language.
ColumnLayout {
    id: choice

    required property Language language

    spacing: 6

    Field {
        Layout.fillWidth: true
        label: qsTr("Language")

        RadioRow {
            objectName: "language-choice"
            Layout.fillWidth: true
            texts: choice.language.names
            current: choice.language.choice
            onPicked: index => choice.language.choice = index
        }
    }
    Label {
        objectName: "language-effect"
        Layout.fillWidth: true
        text: choice.language.other ? qsTr("Kept. The window speaks it when miLLM starts next.") : qsTr("Takes effect when miLLM starts next.")
        color: choice.language.other ? Theme.colors.warn : Theme.colors.muted
        font.pixelSize: Theme.smallSize
    }
}
