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

    spacing: Theme.sized(10)

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
            height: Theme.sized(18)
            radius: Theme.sized(4)
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
            y: Theme.sized(-4)
            width: Theme.sized(2)
            height: Theme.sized(26)
            color: Theme.colors.heading
        }
        Label {
            x: Math.max(0, Math.min(parent.width - width, Math.round(track.width * bar.form.available - width / 2)))
            y: Theme.sized(22)
            text: bar.form.availableText
            font.pixelSize: Theme.tinySize
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(14)

        Repeater {
            model: bar.form.partTexts

            Row {
                id: entry
                required property int index
                required property string modelData
                spacing: Theme.sized(6)

                Rectangle {
                    anchors.verticalCenter: parent.verticalCenter
                    width: Theme.sized(10)
                    height: Theme.sized(10)
                    radius: Theme.sized(2)
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
