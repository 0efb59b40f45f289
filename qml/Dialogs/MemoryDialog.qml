import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Says before a load that the model may not fit, and lets the person decide.
Dialog {
    id: dialog

    required property MemoryWarning warning

    objectName: "memory-dialog"
    title: qsTr("Not enough memory")
    glyph: "warning"
    glyphTint: Theme.colors.warn
    wanted: 520
    initialFocus: leave

    buttons: [
        Button {
            id: leave
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "load-anyway-btn"
            kind: Button.Kind.Danger
            glyph: "play"
            text: qsTr("Load anyway")
            onClicked: {
                dialog.accept();
                dialog.warning.loadAnyway();
            }
        }
    ]

    Label {
        objectName: "memory-name"
        Layout.fillWidth: true
        text: dialog.warning.name
        color: Theme.colors.heading
        weight: Font.DemiBold
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        visible: text !== ""
    }
    Label {
        objectName: "memory-sentence"
        Layout.fillWidth: true
        text: dialog.warning.sentence
    }
    MemoryBar {
        Layout.fillWidth: true
        warning: dialog.warning
    }
}
