import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM

/// A repository that a search found.
T.ItemDelegate {
    id: row

    required property int index
    required property string repoId
    required property string facts
    required property bool gated
    required property int fit
    required property string fitText
    required property bool refused
    required property string reason
    required property string spoken

    objectName: "found-row"
    implicitHeight: lines.implicitHeight + Theme.sized(16)
    leftPadding: Theme.sized(10)
    rightPadding: Theme.sized(10)
    topPadding: Theme.sized(8)
    bottomPadding: Theme.sized(8)
    focusPolicy: Qt.NoFocus // stays with what is typed
    text: repoId
    Accessible.role: Accessible.ListItem
    Accessible.name: spoken
    Accessible.selectable: true
    Accessible.selected: highlighted
    Accessible.onPressAction: clicked()

    contentItem: ColumnLayout {
        id: lines
        spacing: Theme.sized(2)

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.sized(8)

            Label {
                Layout.fillWidth: true
                text: row.repoId
                weight: Font.Medium
                wrapMode: Text.WrapAnywhere
                Accessible.ignored: true
            }
            Icon {
                Layout.alignment: Qt.AlignTop
                name: "key"
                size: 14
                color: Theme.colors.warn
                visible: row.gated
            }
            FitMark {
                Layout.alignment: Qt.AlignTop
                fit: row.fit
                words: row.fitText
            }
        }
        Label {
            Layout.fillWidth: true
            text: row.gated ? qsTr("gated • %1").arg(row.facts) : row.facts
            color: Theme.colors.label
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
        Label {
            Layout.fillWidth: true
            text: row.reason
            visible: text !== ""
            color: row.refused ? Theme.colors.warn : Theme.colors.muted
            font.pixelSize: Theme.smallSize
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.sized(6)
        color: row.highlighted ? Theme.colors.accentSoft : row.hovered ? Theme.colors.hover : "transparent"
        border.width: row.highlighted ? 1 : 0
        border.color: Theme.colors.accentLine
    }
}
