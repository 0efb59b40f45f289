import QtQuick
import QtQuick.Layouts
import MiLLM

/// What happens to a model now: the phase, a bar, and its numbers.
ColumnLayout {
    id: progress

    required property ModelFacts card

    spacing: Theme.sized(6)

    ProgressBar {
        objectName: "model-progress"
        Layout.fillWidth: true
        indeterminate: progress.card.progress < 0
        value: Math.max(0, progress.card.progress)
        Accessible.name: progress.card.activity
        Accessible.description: progress.card.progressText
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(10)

        Label {
            objectName: "model-activity"
            width: Math.min(implicitWidth, parent.width)
            text: progress.card.activity
            color: Theme.colors.warn
            font.pixelSize: Theme.smallSize
        }
        Label {
            objectName: "model-progress-text"
            width: Math.min(implicitWidth, parent.width)
            text: progress.card.progressText
            color: Theme.colors.label
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
            topPadding: 1
        }
    }
}
