import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Asks for the token that a gated repository wants, and goes on with what was asked.
Dialog {
    id: dialog

    required property DownloadForm form
    property string repoId
    property string why

    function ask(repoId: string, why: string): void {
        dialog.repoId = repoId;
        dialog.why = why;
        token.text = form.token;
        open();
    }
    function goOn(): void {
        dialog.accept();
        form.goOnWithToken(token.text);
    }

    objectName: "token-dialog"
    title: qsTr("Access token needed")
    glyph: "key"
    glyphTint: Theme.colors.warn
    wanted: Theme.sized(520)
    initialFocus: token

    buttons: [
        Button {
            kind: Button.Kind.Plain
            glyph: "link"
            text: qsTr("Open the model's page")
            visible: dialog.form.pageUrl.toString() !== ""
            onClicked: Qt.openUrlExternally(dialog.form.pageUrl)
        },
        Button {
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        // A token that is refused stands in the way of public models as well.
        Button {
            objectName: "token-without-btn"
            text: qsTr("Continue without token")
            visible: dialog.form.token !== ""
            onClicked: {
                dialog.accept();
                dialog.form.goOnWithToken("");
            }
        },
        Button {
            objectName: "token-continue-btn"
            kind: Button.Kind.Primary
            text: qsTr("Continue")
            enabled: token.text.trim() !== ""
            onClicked: dialog.goOn()
        }
    ]

    Label {
        Layout.fillWidth: true
        text: dialog.why
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("Accept the model's terms on its page, then paste a token of that account. It is kept until the program ends and never written to disk.")
        color: Theme.colors.label
        font.pixelSize: Theme.sized(13)
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Access Token")

        PasswordField {
            id: token
            objectName: "token-dialog-input"
            Layout.fillWidth: true
            placeholderText: "hf_xxxxxxxxxxxxxxxxxxxx"
            Accessible.name: qsTr("Access Token")
            onAccepted: {
                if (text.trim() !== "")
                    dialog.goOn();
            }
        }
    }
}
