pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// What a load needs, stacked, against what is free. Told apart by place and words, not only by colour.
ColumnLayout {
    id: bar

    required property MemoryWarning warning
    readonly property list<var> parts: [
        {
            share: warning.weights,
            words: warning.weightsText,
            tint: Theme.colors.accent
        },
        {
            share: warning.kvCache,
            words: warning.kvCacheText,
            tint: Theme.colors.purple
        },
        {
            share: warning.overhead,
            words: warning.overheadText,
            tint: Theme.colors.warn
        }
    ]

    spacing: 10

    Item {
        Layout.fillWidth: true
        implicitHeight: 34
        Accessible.role: Accessible.Graphic
        // A scale, from left to right everywhere.
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        Accessible.name: [bar.warning.weightsText, bar.warning.kvCacheText, bar.warning.overheadText, bar.warning.availableText].join(", ")

        Rectangle {
            id: track
            width: parent.width
            height: 18
            radius: 4
            color: Theme.colors.track
            clip: true

            Row {
                Repeater {
                    model: bar.parts

                    Rectangle {
                        required property var modelData
                        width: track.width * modelData.share
                        height: track.height
                        color: modelData.tint
                        border.width: 1
                        border.color: Theme.colors.popup
                    }
                }
            }
        }
        Rectangle {
            x: Math.min(parent.width - width, Math.round(track.width * bar.warning.available))
            y: -4
            width: 2
            height: 26
            color: Theme.colors.heading
        }
        Label {
            x: Math.max(0, Math.min(parent.width - width, Math.round(track.width * bar.warning.available - width / 2)))
            y: 22
            text: bar.warning.availableText
            font.pixelSize: Theme.tinySize
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: 14

        Repeater {
            model: bar.parts

            Row {
                id: entry
                required property var modelData
                spacing: 6

                Rectangle {
                    anchors.verticalCenter: parent.verticalCenter
                    width: 10
                    height: 10
                    radius: 2
                    color: entry.modelData.tint
                }
                Label {
                    text: entry.modelData.words
                    font.pixelSize: Theme.smallSize
                    wrapMode: Text.NoWrap
                }
            }
        }
    }
}
