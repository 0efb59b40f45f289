pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// What a load needs, stacked, against what is free. Told apart by place and words, not only by colour.
ColumnLayout {
    id: bar

    required property LoadForm form
    readonly property list<color> tints: [Theme.colors.accent, Theme.colors.purple, Theme.colors.warn, Theme.colors.label]

    spacing: 10

    Item {
        Layout.fillWidth: true
        implicitHeight: Theme.sized(34)
        Accessible.role: Accessible.Graphic
        // A scale, from left to right everywhere.
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        Accessible.name: [...bar.form.partTexts, bar.form.availableText].join(", ")

        Rectangle {
            id: track
            width: parent.width
            height: 18
            radius: 4
            color: Theme.colors.track
            clip: true

            Row {
                Repeater {
                    model: bar.tints.length

                    Rectangle {
                        required property int index
                        width: track.width * (bar.form.parts[index] ?? 0)
                        height: track.height
                        color: bar.tints[index]
                        border.width: 1
                        border.color: Theme.colors.popup
                    }
                }
            }
        }
        Rectangle {
            x: Math.min(parent.width - width, Math.round(track.width * bar.form.available))
            y: -4
            width: 2
            height: 26
            color: Theme.colors.heading
        }
        Label {
            x: Math.max(0, Math.min(parent.width - width, Math.round(track.width * bar.form.available - width / 2)))
            y: 22
            text: bar.form.availableText
            font.pixelSize: Theme.tinySize
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: 14

        Repeater {
            model: bar.form.partTexts

            Row {
                id: entry
                required property int index
                required property string modelData
                spacing: 6

                Rectangle {
                    anchors.verticalCenter: parent.verticalCenter
                    width: 10
                    height: 10
                    radius: 2
                    color: bar.tints[entry.index]
                }
                Label {
                    text: entry.modelData
                    font.pixelSize: Theme.smallSize
                    wrapMode: Text.NoWrap
                }
            }
        }
    }
}
