import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Models that stayed where downloads went before, and their way to where they go now.
Card {
    id: card

    required property Gathering gathering

    objectName: "gathering"
    visible: gathering.count > 0 || gathering.moving

    CardTitle {
        glyph: "folder"
        text: qsTr("Models in other folders")
    }
    Label {
        objectName: "gathering-words"
        Layout.fillWidth: true
        text: card.gathering.words
        visible: text !== ""
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("They can be moved into the folder of downloaded models: each file is compared with the old one before that goes. No model may be loaded or downloading meanwhile.")
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
    }
    ProgressBar {
        objectName: "gathering-progress"
        Layout.fillWidth: true
        visible: card.gathering.moving
        value: card.gathering.progress
        Accessible.name: qsTr("Moving the models")
    }
    ErrorText {
        objectName: "gathering-failure"
        Layout.fillWidth: true
        text: card.gathering.failure
    }
    Button {
        id: mover
        objectName: "gather-btn"
        kind: Button.Kind.Accent
        glyph: "folder"
        text: qsTr("Move them")
        visible: !card.gathering.moving
        heir: stopper
        onClicked: card.gathering.start()
    }
    Button {
        id: stopper
        objectName: "stop-gathering-btn"
        glyph: "close"
        text: qsTr("Cancel")
        visible: card.gathering.moving
        heir: mover
        Accessible.description: qsTr("The models stay where they are")
        onClicked: card.gathering.cancel()
    }
}
