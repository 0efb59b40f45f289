import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// A message of the log.
Item {
    id: row

    required property string time
    required property string level
    required property string category
    required property string words
    required property int weight
    readonly property bool stacked: width < Theme.narrow

    implicitHeight: lines.implicitHeight + Theme.sized(6)
    Accessible.role: Accessible.ListItem
    Accessible.name: [level, time, category, words].join(", ")

    GridLayout {
        id: lines
        anchors.left: parent.left
        anchors.right: parent.right
        columns: row.stacked ? 1 : 2
        columnSpacing: Theme.sized(12)
        rowSpacing: 0

        Label {
            Layout.preferredWidth: row.stacked ? row.width : Theme.sized(300)
            Layout.maximumWidth: row.stacked ? row.width : Theme.sized(300)
            Layout.alignment: Qt.AlignTop
            text: [row.time, row.level, row.category].join(" ")
            color: row.weight === LogList.Weight.Error ? Theme.colors.bad : row.weight === LogList.Weight.Warning ? Theme.colors.warn : Theme.colors.label
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
            elide: Text.ElideRight
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
        Label {
            Layout.fillWidth: true
            text: row.words
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            Accessible.ignored: true
        }
    }
}
