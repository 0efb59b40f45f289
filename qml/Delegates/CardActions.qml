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

    // What is done with the model as it is; another button in the place of the one that goes.
    component Act: Button {
        heir: actions.card
        enabled: actions.settled
        implicitHeight: Theme.sized(32)
        leftPadding: iconOnly ? 0 : Theme.sized(12)
        font.pixelSize: Theme.smallSize
        iconOnly: actions.card.compact
    }
    // Made with the first state that has it: most cards never come to most of them.
    component Made: Loader {
        required property bool shown
        active: shown || item !== null
        visible: shown
    }
    // An icon without a frame, close to its like.
    component Quiet: Button {
        implicitWidth: Theme.sized(28)
        implicitHeight: Theme.sized(32)
        kind: Button.Kind.Plain
        iconOnly: true
    }

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
        visible: actions.card.stacked
    }
    Made {
        shown: actions.card.canCancel
        sourceComponent: Act {
            objectName: "cancel-btn"
            glyph: "close"
            text: qsTr("Cancel")
            Accessible.description: qsTr("Cancel the download of %1").arg(actions.card.name)
            onClicked: actions.card.cancelAsked()
        }
    }
    Made {
        shown: actions.card.canRetry
        sourceComponent: Act {
            objectName: "retry-btn"
            kind: Button.Kind.Accent
            glyph: "retry"
            text: qsTr("Retry")
            Accessible.description: qsTr("Download %1 again").arg(actions.card.name)
            onClicked: actions.card.retryAsked()
        }
    }
    Made {
        shown: actions.card.canLoad
        sourceComponent: Act {
            objectName: "load-btn"
            kind: Button.Kind.Accent
            glyph: "play"
            text: qsTr("Load")
            Accessible.description: qsTr("Load %1 into memory").arg(actions.card.name)
            onClicked: actions.card.loadAsked()
        }
    }
    Made {
        Layout.leftMargin: Theme.sized(-4)
        shown: actions.card.canLoad
        sourceComponent: Quiet {
            objectName: "load-options-btn"
            heir: actions.card
            enabled: actions.settled
            glyph: "sliders"
            text: qsTr("Load with options")
            Accessible.description: qsTr("Choose the context length and the device of %1").arg(actions.card.name)
            onClicked: actions.card.optionsAsked()
        }
    }
    Made {
        shown: actions.card.canUnload
        sourceComponent: Act {
            objectName: "unload-btn"
            kind: Button.Kind.Danger
            glyph: "stop"
            text: qsTr("Unload")
            Accessible.description: qsTr("Release the memory of %1").arg(actions.card.name)
            onClicked: actions.card.unloadAsked()
        }
    }
    // A disabled button takes no pointer, so the reason is the wrapper's tip.
    Item {
        Layout.leftMargin: actions.card.canLoad ? -actions.spacing : Theme.sized(-4)
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
        Quiet {
            id: remove
            objectName: "delete-btn"
            heir: actions.card
            glyph: "trash"
            text: qsTr("Delete")
            hint: actions.card.deleteHint
            enabled: actions.card.canDelete && actions.settled
            onClicked: actions.card.deleteAsked()
        }
    }
    Quiet {
        objectName: "more-btn"
        Layout.leftMargin: -actions.spacing
        glyph: "more"
        text: qsTr("More")
        hint: ""
        Accessible.description: qsTr("What else can be done with %1").arg(actions.card.name)
        onClicked: {
            const at = mapToItem(actions.card, 0, height + 4);
            actions.card.menuAsked(at.x, at.y);
        }
    }
}
