import QtQuick
import QtQuick.Layouts
import MiLLM

/// Asks before something goes that cannot come back.
Dialog {
    id: dialog

    property var confirmedId
    property string sentence
    property string action: qsTr("Delete")

    signal confirmed(var id)

    glyph: "trash"
    glyphTint: Theme.colors.bad
    wanted: Theme.sized(460)
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
            text: dialog.action
            onClicked: {
                dialog.accept();
                dialog.confirmed(dialog.confirmedId);
            }
        }
    ]

    Label {
        objectName: "delete-sentence"
        Layout.fillWidth: true
        text: dialog.sentence
    }
}
