pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM

/// One model. Enter does what its first button does, Delete asks whether to delete it, Shift+F10, the menu key and the right
/// button open its menu.
ModelFacts {
    id: card

    objectName: "model-card"
    implicitHeight: column.implicitHeight + Theme.sized(32)
    radius: Theme.sized(10)
    color: Theme.colors.item
    border.color: hover.hovered ? Theme.colors.accentLine : Theme.colors.itemLine
    activeFocusOnTab: true
    Accessible.role: Accessible.ListItem
    Accessible.name: spoken
    Accessible.focusable: true
    Keys.onReturnPressed: act()
    Keys.onEnterPressed: act()
    Keys.onMenuPressed: openMenu()
    Keys.onPressed: event => {
        event.accepted = event.key === Qt.Key_F10 && event.modifiers === Qt.ShiftModifier;
        if (event.accepted)
            openMenu();
    }
    Keys.onDeletePressed: {
        if (canDelete)
            deleteAsked();
        else
            deleteRefused();
    }

    function openMenu(): void {
        menuAsked(width - Theme.sized(12), Theme.sized(48));
    }

    HoverHandler {
        id: hover
    }
    TapHandler {
        acceptedButtons: Qt.RightButton
        gesturePolicy: TapHandler.WithinBounds
        onTapped: point => card.menuAsked(point.position.x, point.position.y)
    }
    FocusRing {
        shown: card.activeFocus
        around: Theme.sized(10)
    }

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.sized(16)
        spacing: Theme.sized(12)

        GridLayout {
            Layout.fillWidth: true
            columns: card.stacked ? 1 : 2
            columnSpacing: Theme.sized(8)
            rowSpacing: Theme.sized(12)

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.sized(12)

                Rectangle {
                    Layout.alignment: Qt.AlignTop
                    implicitWidth: Theme.sized(40)
                    implicitHeight: Theme.sized(40)
                    radius: Theme.sized(8)
                    color: Theme.colors.accentSoft
                    border.color: Theme.colors.accentLine
                    border.width: Theme.colors === Theme.contrast ? 1 : 0

                    Icon {
                        anchors.centerIn: parent
                        name: card.local ? "folder" : "server"
                        size: 20
                        color: Theme.colors.accent
                    }
                }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Theme.sized(3)

                    ShortLabel {
                        objectName: "model-name"
                        Layout.fillWidth: true
                        text: card.name
                        told: card.activeFocus
                        color: Theme.colors.heading
                        font.pixelSize: Theme.sized(15)
                        weight: Font.DemiBold
                        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                    }
                    Label {
                        Layout.fillWidth: true
                        text: card.details
                        color: Theme.colors.muted
                        font.pixelSize: Theme.smallSize
                    }
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.sized(6)

                        Badge {
                            Layout.alignment: Qt.AlignTop
                            implicitHeight: Theme.sized(16)
                            text: qsTr("Local")
                            tint: Theme.colors.purple
                            soft: "transparent"
                            line: Theme.colors.purple
                            visible: card.local
                        }
                        ShortLabel {
                            objectName: "model-location"
                            maximumLineCount: 3 // of a folder the end says most
                            Layout.fillWidth: true
                            text: card.location
                            color: Theme.colors.muted
                            font.family: Theme.mono
                            font.pixelSize: Theme.tinySize
                            wrapMode: Text.WrapAnywhere
                        }
                    }
                }
            }
            CardActions {
                Layout.fillWidth: card.stacked
                Layout.alignment: Qt.AlignVCenter
                card: card
            }
        }
        // Most cards of many have none of these.
        Loader {
            Layout.fillWidth: true
            active: card.busy
            visible: active
            sourceComponent: CardProgress {
                card: card
            }
        }
        Loader {
            Layout.fillWidth: true
            active: card.canUnload
            visible: active
            sourceComponent: CardLoaded {
                card: card
            }
        }
        Loader {
            Layout.fillWidth: true
            active: card.failure !== ""
            visible: active
            sourceComponent: ErrorText {
                text: card.failure
            }
        }
    }
}
