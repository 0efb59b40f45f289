pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// What a repository is and what each quantization of it would take.
Dialog {
    id: dialog

    required property DownloadForm form
    readonly property PreviewView preview: form.preview

    objectName: "preview-dialog"
    title: qsTr("Preview")
    glyph: "eye"
    wanted: Theme.sized(640)

    buttons: [
        Button {
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "preview-download-btn"
            kind: Button.Kind.Primary
            glyph: "download"
            text: qsTr("Download with %1").arg(dialog.form.schemes.shortName(dialog.form.scheme))
            enabled: dialog.preview.supported
            onClicked: {
                dialog.accept();
                dialog.form.download();
            }
        }
    ]

    ColumnLayout {
        Layout.fillWidth: true
        spacing: Theme.sized(2)

        Label {
            objectName: "preview-name"
            Layout.fillWidth: true
            text: dialog.preview.name
            color: Theme.colors.heading
            font.pixelSize: Theme.sized(18)
            weight: Font.DemiBold
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        Label {
            Layout.fillWidth: true
            text: dialog.preview.repoId
            color: Theme.colors.muted
            font.family: Theme.mono
            font.pixelSize: Theme.smallSize
            wrapMode: Text.WrapAnywhere
        }
    }
    Notice {
        Layout.fillWidth: true
        visible: !dialog.preview.supported
        glyph: "error"
        tint: Theme.colors.bad
        soft: Theme.colors.badSoft
        text: dialog.preview.unsupportedReason
    }
    Notice {
        Layout.fillWidth: true
        visible: dialog.preview.gated
        glyph: "key"
        tint: Theme.colors.warn
        soft: Theme.colors.warnSoft
        text: qsTr("This model is gated: its download needs an access token of an account that was granted access.")
    }
    Notice {
        Layout.fillWidth: true
        visible: dialog.preview.remoteCode
        glyph: "warning"
        tint: Theme.colors.warn
        soft: Theme.colors.warnSoft
        text: qsTr("This repository asks for “Trust Remote Code”.")
    }
    Notice {
        objectName: "preview-packed"
        Layout.fillWidth: true
        visible: text !== ""
        text: dialog.preview.packed
    }
    GridLayout {
        Layout.fillWidth: true
        columns: width < Theme.sized(440) ? 1 : 2
        columnSpacing: Theme.sized(24)
        rowSpacing: Theme.sized(8)
        uniformCellWidths: true

        Fact {
            name: qsTr("Parameters")
            value: dialog.preview.params
        }
        Fact {
            name: qsTr("Architecture")
            value: dialog.preview.architecture
        }
        Fact {
            name: qsTr("Licence")
            value: dialog.preview.license
        }
        Fact {
            name: qsTr("Context length")
            value: dialog.preview.contextText
        }
        Fact {
            name: qsTr("To download")
            value: dialog.preview.downloadText
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: Theme.sized(8)

        Repeater {
            model: dialog.form.schemes

            SchemeRow {
                id: row
                Layout.fillWidth: true
                visible: disk !== ""
                chosen: dialog.form.scheme === index
                onPicked: dialog.form.scheme = row.index
            }
        }
        Label {
            Layout.fillWidth: true
            text: dialog.preview.freeText
            color: Theme.colors.muted
            font.pixelSize: Theme.smallSize
        }
    }
}
