import QtQuick
import QtQuick.Layouts
import MiLLM

/// A row of the quantization box.
ChoiceRow {
    id: row

    required property int index
    required property string title
    required property string need
    required property int fit
    required property string fitText

    implicitHeight: lines.implicitHeight + Theme.sized(16)
    text: title
    Accessible.name: [title, need, fitText].filter(part => part !== "").join(", ")

    contentItem: ColumnLayout {
        id: lines
        spacing: Theme.sized(2)

        RowLayout {
            spacing: Theme.sized(8)
            Label {
                Layout.fillWidth: true
                text: row.title
                Accessible.ignored: true
            }
            FitMark {
                fit: row.fit
                words: row.fitText
            }
        }
        Label {
            Layout.fillWidth: true
            text: row.need
            visible: text !== ""
            color: Theme.colors.muted
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
    }
}
