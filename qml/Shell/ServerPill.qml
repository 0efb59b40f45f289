import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// Whether clients can reach the server.
T.AbstractButton {
    id: pill

    required property ServerState server
    property bool compact: false

    signal asked

    readonly property bool good: server.state === ServerState.State.Serving
    readonly property bool bad: server.state === ServerState.State.Error
    readonly property bool waiting: server.state === ServerState.State.Starting
    readonly property color tint: good ? Theme.colors.good : bad ? Theme.colors.bad : waiting ? Theme.colors.warn : Theme.colors.label

    implicitWidth: compact ? Theme.sized(30) : row.implicitWidth + Theme.sized(24)
    implicitHeight: Theme.sized(30)
    focusPolicy: Qt.StrongFocus
    Accessible.name: qsTr("Server: %1").arg(server.label)
    Accessible.description: server.detail
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    onClicked: asked()

    background: Rectangle {
        radius: Theme.sized(8)
        color: pill.good ? Theme.colors.goodSoft : pill.bad ? Theme.colors.badSoft : pill.waiting ? Theme.colors.warnSoft : "transparent"
        border.color: pill.good ? Theme.colors.goodLine : pill.bad ? Theme.colors.badLine : pill.waiting ? Theme.colors.warnLine : Theme.colors.inputLine

        FocusRing {
            shown: pill.activeFocus
        }
    }
    contentItem: Item {
        Row {
            id: row
            anchors.centerIn: parent
            spacing: Theme.sized(8)

            Rectangle {
                id: dot
                anchors.verticalCenter: parent.verticalCenter
                width: Theme.sized(8)
                height: Theme.sized(8)
                radius: Theme.sized(4)
                color: pill.tint

                SequentialAnimation on opacity {
                    running: pill.waiting && Theme.motion
                    loops: Animation.Infinite
                    onRunningChanged: dot.opacity = 1
                    NumberAnimation {
                        from: 1
                        to: 0.3
                        duration: Theme.pulse / 2
                    }
                    NumberAnimation {
                        from: 0.3
                        to: 1
                        duration: Theme.pulse / 2
                    }
                }
            }
            Label {
                objectName: "server-state"
                text: pill.server.label
                visible: !pill.compact
                color: pill.tint
                font.pixelSize: Theme.smallSize
                weight: Font.DemiBold
                wrapMode: Text.NoWrap
                Accessible.ignored: true
            }
        }
    }
    HoverHandler {
        cursorShape: Qt.PointingHandCursor
    }
    ToolTip {
        text: pill.server.detail
        y: pill.height + Theme.sized(8)
        visible: pill.hovered || pill.activeFocus
    }
}
