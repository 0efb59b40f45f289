import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// A request of another program.
Rectangle {
    id: row

    required property double requestId
    required property string call
    required property string client
    required property string modelName
    required property string tokens
    required property string time
    required property string status
    required property int outcome
    required property string spoken
    property bool current: false
    property bool stoppable: false
    readonly property color tint: outcome === RequestList.Outcome.Good ? Theme.colors.good : outcome === RequestList.Outcome.UnderWay ? Theme.colors.accent : outcome === RequestList.Outcome.Refused ? Theme.colors.warn : Theme.colors.bad

    signal stopAsked

    implicitHeight: lines.implicitHeight + Theme.sized(16)
    radius: Theme.sized(8)
    color: Theme.colors.item
    border.width: current ? 2 : 1
    border.color: current ? Theme.colors.focus : Theme.colors.itemLine
    Accessible.role: Accessible.ListItem
    Accessible.name: spoken

    RowLayout {
        id: lines
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.sized(12)
        anchors.rightMargin: Theme.sized(12)
        spacing: Theme.sized(10)

        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.sized(2)

            RowLayout {
                spacing: Theme.sized(10)

                Label {
                    objectName: "request-status"
                    text: row.status
                    color: row.tint
                    font.family: Theme.mono
                    font.pixelSize: Theme.sized(13)
                    weight: Font.DemiBold
                    wrapMode: Text.NoWrap
                    Accessible.ignored: true
                }
                Label {
                    Layout.fillWidth: true
                    text: row.call
                    font.family: Theme.mono
                    font.pixelSize: Theme.sized(13)
                    elide: Text.ElideMiddle
                    wrapMode: Text.NoWrap
                    Accessible.ignored: true
                }
                Label {
                    text: row.time
                    color: Theme.colors.label
                    font.family: Theme.mono
                    font.pixelSize: Theme.sized(13)
                    wrapMode: Text.NoWrap
                    Accessible.ignored: true
                }
            }
            Label {
                Layout.fillWidth: true
                text: [row.client, row.modelName, row.tokens].filter(part => part !== "").join(" • ")
                color: Theme.colors.muted
                font.pixelSize: Theme.smallSize
                Accessible.ignored: true
            }
        }
        Button {
            objectName: "stop-request-btn"
            implicitHeight: Theme.sized(32)
            kind: Button.Kind.Danger
            iconOnly: true
            glyph: "stop"
            text: qsTr("Stop this request")
            visible: row.stoppable
            onClicked: row.stopAsked()
        }
    }
}
