pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The choice of the window's language, which is spoken at once.
Field {
    id: choice

    required property Language language

    label: qsTr("Language")

    RadioRow {
        objectName: "language-choice"
        Layout.fillWidth: true
        texts: choice.language.names
        current: choice.language.choice
        onPicked: index => choice.language.choice = index
    }
}
