pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The badge and the buttons of a card; without their words where the card is narrow.
RowLayout {
    id: actions

    required property ModelFacts card
    readonly property int tone: card.tone
    readonly property string face: [card.canCancel, card.canRetry, card.canLoad, card.canUnload].join()
    readonly property bool settled: !settling.running

    spacing: Theme.sized(8)
    // Another button in the pointer's place is not the one that was meant.
    onFaceChanged: {
        if (pointer.hovered)
            settling.restart();
    }

    HoverHandler {
        id: pointer
    }
    Timer {
        id: settling
        interval: 500
    }

    Badge {
        wordsName: "model-status"
        text: actions.card.status
        tint: actions.tone === ModelList.Tone.Good ? Theme.colors.good : actions.tone === ModelList.Tone.Calm ? Theme.colors.accent : actions.tone === ModelList.Tone.Busy ? Theme.colors.warn : Theme.colors.bad
        soft: actions.tone === ModelList.Tone.Good ? Theme.colors.goodSoft : actions.tone === ModelList.Tone.Calm ? Theme.colors.accentSoft : actions.tone === ModelList.Tone.Busy ? Theme.colors.warnSoft : Theme.colors.badSoft
        line: Theme.colors === Theme.contrast ? tint : "transparent"
    }
    Item {
        Layout.fillWidth: true
        visible: actions.card.compact
    }
    Button {
        objectName: "cancel-btn"
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        font.pixelSize: Theme.smallSize
        kind: Button.Kind.Outline
        glyph: "close"
        text: qsTr("Cancel")
        iconOnly: actions.card.compact
        visible: actions.card.canCancel
        Accessible.description: qsTr("Cancel the download of %1").arg(actions.card.name)
        onClicked: actions.card.cancelAsked()
    }
    Button {
        objectName: "retry-btn"
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        font.pixelSize: Theme.smallSize
        kind: Button.Kind.Accent
        glyph: "retry"
        text: qsTr("Retry")
        iconOnly: actions.card.compact
        visible: actions.card.canRetry
        Accessible.description: qsTr("Download %1 again").arg(actions.card.name)
        onClicked: actions.card.retryAsked()
    }
    Button {
        objectName: "load-btn"
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        font.pixelSize: Theme.smallSize
        kind: Button.Kind.Accent
        glyph: "play"
        text: qsTr("Load")
        iconOnly: actions.card.compact
        visible: actions.card.canLoad
        Accessible.description: qsTr("Load %1 into memory").arg(actions.card.name)
        onClicked: actions.card.loadAsked()
    }
    Button {
        objectName: "load-options-btn"
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        kind: Button.Kind.Plain
        glyph: "sliders"
        iconOnly: true
        text: qsTr("Load with options")
        visible: actions.card.canLoad
        Accessible.description: qsTr("Choose the context length and the device of %1").arg(actions.card.name)
        onClicked: actions.card.optionsAsked()
    }
    Button {
        objectName: "unload-btn"
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        font.pixelSize: Theme.smallSize
        kind: Button.Kind.Danger
        glyph: "stop"
        text: qsTr("Unload")
        iconOnly: actions.card.compact
        visible: actions.card.canUnload
        Accessible.description: qsTr("Release the memory of %1").arg(actions.card.name)
        onClicked: actions.card.unloadAsked()
    }
    // A disabled button takes no pointer, so the reason is the wrapper's tip.
    Item {
        implicitWidth: remove.implicitWidth
        implicitHeight: remove.implicitHeight
        visible: !actions.card.busy

        HoverHandler {
            id: hover
        }
        Loader {
            active: hover.hovered && !remove.enabled
            anchors.fill: parent
            sourceComponent: Item {
                ToolTip {
                    text: actions.card.deleteHint
                    visible: true
                }
            }
        }
        Button {
            id: remove
            objectName: "delete-btn"
            heir: actions.card
            implicitHeight: Theme.sized(32)
            font.pixelSize: Theme.smallSize
            kind: Button.Kind.Plain
            glyph: "trash"
            iconOnly: true
            text: qsTr("Delete")
            hint: actions.card.deleteHint
            enabled: actions.card.canDelete && actions.settled
            onClicked: actions.card.deleteAsked()
        }
    }
    Button {
        objectName: "more-btn"
        implicitHeight: Theme.sized(32)
        kind: Button.Kind.Plain
        glyph: "more"
        iconOnly: true
        text: qsTr("More")
        hint: ""
        Accessible.description: qsTr("What else can be done with %1").arg(actions.card.name)
        onClicked: {
            const at = mapToItem(actions.card, 0, height + 4);
            actions.card.menuAsked(at.x, at.y);
        }
    }
}
