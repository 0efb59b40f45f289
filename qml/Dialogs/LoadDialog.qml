import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// How a model is loaded: with which context and where, and what that takes; and a warning where it may not fit.
Dialog {
    id: dialog

    required property LoadForm form

    objectName: "load-dialog"
    title: form.fits ? qsTr("Load model") : qsTr("Not enough memory")
    glyph: form.fits ? "memory" : "warning"
    glyphTint: form.fits ? Theme.colors.accent : Theme.colors.warn
    wanted: Theme.sized(560)
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
            heir: leave
            kind: Button.Kind.Danger
            glyph: "play"
            text: qsTr("Load anyway")
            visible: !dialog.form.fits
            onClicked: dialog.load()
        },
        Button {
            objectName: "load-now-btn"
            heir: leave
            kind: Button.Kind.Primary
            glyph: "play"
            text: qsTr("Load")
            visible: dialog.form.fits
            onClicked: dialog.load()
        }
    ]

    function load(): void {
        accept();
        form.start();
    }

    Label {
        objectName: "memory-name"
        Layout.fillWidth: true
        text: dialog.form.name
        color: Theme.colors.heading
        weight: Font.DemiBold
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        visible: text !== ""
    }
    Label {
        objectName: "memory-sentence"
        Layout.fillWidth: true
        text: dialog.form.sentence
    }
    MemoryBar {
        Layout.fillWidth: true
        form: dialog.form
    }
    Label {
        objectName: "given-back"
        Layout.fillWidth: true
        text: dialog.form.givenBackText
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
        visible: text !== ""
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Context length")
        aside: dialog.form.contextText

        Slider {
            objectName: "context-slider"
            Layout.fillWidth: true
            Layout.minimumWidth: Theme.sized(60)
            enabled: dialog.form.longestContext > from
            from: Math.min(64, dialog.form.longestContext)
            to: dialog.form.longestContext
            stepSize: Math.max(1, Math.round(to / 64))
            value: dialog.form.contextLength
            Accessible.name: qsTr("Context length")
            Accessible.description: dialog.form.contextText
            onPicked: number => dialog.form.contextLength = Math.round(number)
        }
        NumberField {
            objectName: "context-input"
            implicitWidth: Theme.sized(96)
            value: dialog.form.contextLength
            from: 1
            to: dialog.form.longestContext
            Accessible.name: qsTr("Context length in tokens")
            onEntered: value => dialog.form.contextLength = Math.round(value)
        }
    }
    Button {
        id: usual
        objectName: "usual-context-btn"
        Layout.alignment: Qt.AlignLeft
        heir: leave
        implicitHeight: Theme.sized(32)
        font.pixelSize: Theme.smallSize
        glyph: "retry"
        text: qsTr("What fits: %1").arg(Number(dialog.form.usualContext).toLocaleString(Qt.locale(), "f", 0))
        enabled: dialog.form.contextLength !== dialog.form.usualContext
        Accessible.description: qsTr("Set the context length back to what fits")
        onClicked: dialog.form.contextLength = dialog.form.usualContext
    }
    Field {
        Layout.fillWidth: true
        label: qsTr("Device")

        ChoiceBox {
            objectName: "device-choice"
            Layout.fillWidth: true
            model: dialog.form.devices
            chosen: dialog.form.device
            enabled: dialog.form.devices.length > 1
            Accessible.name: qsTr("Device")
            onActivated: index => dialog.form.device = index
        }
    }
}
