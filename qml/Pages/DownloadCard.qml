import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The form that starts a download.
Card {
    id: card

    required property DownloadForm form
    readonly property HubSearch search: form.search
    readonly property bool stacked: width < Theme.narrow

    signal localAsked

    function focusRepository(): void {
        repository.forceActiveFocus(Qt.ShortcutFocusReason);
        repository.selectAll();
    }
    function take(repoId: string): void {
        form.repository = repoId;
        search.close();
    }
    function focusDownload(): void {
        download.forceActiveFocus(Qt.TabFocusReason);
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.sized(8)

        Icon {
            name: "download"
            color: Theme.colors.accent
        }
        Label {
            Layout.fillWidth: true
            text: qsTr("Download from HuggingFace")
            color: Theme.colors.heading
            weight: Font.DemiBold
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Button {
            objectName: "add-local-btn"
            Layout.topMargin: Theme.sized(-6)
            Layout.bottomMargin: Theme.sized(-8)
            implicitHeight: Theme.sized(30)
            kind: Button.Kind.Plain
            font.pixelSize: Theme.sized(13)
            glyph: "folder"
            text: qsTr("Add from folder…")
            iconOnly: card.width < Theme.sized(420)
            onClicked: card.localAsked()
        }
    }
    Notice {
        Layout.fillWidth: true
        visible: card.form.offline
        glyph: "offline"
        tint: Theme.colors.warn
        soft: Theme.colors.warnSoft
        text: qsTr("Offline: only repositories that are already in this machine's Hub cache can be added.")
    }
    GridLayout {
        Layout.fillWidth: true
        columns: card.stacked ? 1 : 2
        columnSpacing: Theme.sized(16)
        rowSpacing: Theme.sized(16)
        uniformCellWidths: !card.stacked

        Field {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignTop
            label: qsTr("HuggingFace Model Repository")
            // Words to search for are no faulty name.
            error: card.search.open ? "" : card.form.repositoryError

            TextField {
                id: repository
                objectName: "repo-input"
                Layout.fillWidth: true
                text: card.form.repository
                placeholderText: qsTr("e.g., google/gemma-2-2b")
                faulty: !card.search.open && card.form.repositoryError !== ""
                inputMethodHints: Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText
                Accessible.name: qsTr("HuggingFace Model Repository")
                described: faulty ? card.form.repositoryError : placeholderText
                onTextEdited: {
                    card.form.repository = text;
                    card.search.ask(text, card.form.token);
                }
                onAccepted: {
                    const found = card.search.repoId(card.search.current);
                    if (found !== "") {
                        card.take(found);
                    } else {
                        card.search.close();
                        card.form.download();
                    }
                }
                onActiveFocusChanged: {
                    if (!activeFocus)
                        card.search.close();
                }
                Keys.onDownPressed: card.search.open ? card.search.move(1) : card.search.ask(text, card.form.token)
                Keys.onUpPressed: card.search.move(-1)
                Keys.onEscapePressed: event => {
                    event.accepted = card.search.open;
                    card.search.close();
                }

                FoundModels {
                    y: repository.height + Theme.sized(4)
                    width: Math.max(repository.width, Math.min(card.width, Theme.sized(420)))
                    search: card.search
                    onTaken: repoId => card.take(repoId)
                }
            }
        }
        Field {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignTop
            label: qsTr("Quantization Format")

            SchemeBox {
                objectName: "quantization-box"
                Layout.fillWidth: true
                schemes: card.form.schemes
                chosen: card.form.scheme
                Accessible.name: qsTr("Quantization Format")
                detail: card.form.schemes.sized ? card.form.schemes.need(currentIndex) : ""
                onActivated: index => card.form.scheme = index
            }
        }
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Access Token")
        aside: qsTr("(optional, for gated models)")
        error: card.form.tokenError

        PasswordField {
            objectName: "token-input"
            Layout.fillWidth: true
            text: card.form.token
            placeholderText: "hf_xxxxxxxxxxxxxxxxxxxx"
            faulty: card.form.tokenError !== ""
            Accessible.name: qsTr("Access Token")
            described: qsTr("Optional, for gated models. It is kept until the program ends and never written to disk.")
            onTextEdited: card.form.token = text
            onAccepted: card.form.download()
        }
    }
    TrustBox {
        objectName: "trust-box"
        Layout.fillWidth: true
        checked: card.form.trust
        onToggled: card.form.trust = checked
    }
    ErrorText {
        Layout.fillWidth: true
        text: card.form.trustError
    }
    ErrorText {
        objectName: "form-error"
        Layout.fillWidth: true
        text: card.form.error
    }
    GridLayout {
        Layout.fillWidth: true
        columns: card.width < Theme.sized(420) ? 1 : 2
        columnSpacing: Theme.sized(12)
        rowSpacing: Theme.sized(10)
        uniformCellWidths: true

        Button {
            objectName: "preview-btn"
            Layout.fillWidth: true
            implicitHeight: Theme.sized(42)
            glyph: "eye"
            text: qsTr("Preview")
            busy: card.form.previewing
            enabled: card.form.valid && !card.form.busy
            onClicked: card.form.askPreview()
        }
        Button {
            id: download
            objectName: "download-btn"
            Layout.fillWidth: true
            implicitHeight: Theme.sized(42)
            kind: Button.Kind.Primary
            glyph: "download"
            text: qsTr("Download")
            busy: card.form.downloading
            enabled: card.form.valid && !card.form.busy
            onClicked: card.form.download()
            onBusyChanged: {
                if (!busy)
                    Qt.callLater(goOn);
            }

            // The form is empty again: what comes next is another name.
            function goOn(): void {
                if (focus && !enabled)
                    repository.forceActiveFocus(Qt.TabFocusReason);
            }
        }
    }
}
