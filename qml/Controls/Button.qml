pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM

/// The one button: `kind` says its looks, `glyph` its icon. With `iconOnly` the text is only spoken and shown as a tip.
T.Button {
    id: control

    enum Kind {
        Outline,
        Primary,
        Accent,
        Danger,
        Plain
    }

    property int kind: Button.Kind.Outline
    property string glyph: ""
    property bool busy: false
    property bool iconOnly: false
    property string hint: iconOnly ? text : ""
    property Item heir: null // gets the keyboard's focus where this is hidden or disabled while it has it
    property bool holding: false
    readonly property color tint: !enabled ? Theme.colors.muted : kind === Button.Kind.Primary ? Theme.colors.onPrimary : kind === Button.Kind.Accent ? Theme.colors.accent : kind === Button.Kind.Danger ? Theme.colors.bad : kind === Button.Kind.Plain ? Theme.colors.label : Theme.colors.text

    // The focus that went elsewhere while this can still be pressed went on purpose.
    function letGo(): void {
        if (visible && enabled)
            holding = false;
    }
    function passOn(): void {
        if (!holding || (visible && enabled))
            return;
        holding = false;
        // What disables this one may be about to enable the heir.
        if (heir && !heir.enabled)
            Qt.callLater(heir.forceActiveFocus, Qt.TabFocusReason);
        else if (heir)
            heir.forceActiveFocus(Qt.TabFocusReason);
    }

    implicitWidth: iconOnly ? implicitHeight : Math.ceil(row.implicitWidth) + leftPadding + rightPadding
    implicitHeight: Theme.sized(40)
    leftPadding: iconOnly ? 0 : Theme.sized(14)
    rightPadding: leftPadding
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize
    font.weight: kind === Button.Kind.Outline || kind === Button.Kind.Plain ? Font.Medium : Font.DemiBold
    Accessible.name: text
    Accessible.description: hint === text ? "" : hint
    onVisualFocusChanged: {
        if (visualFocus)
            holding = true;
        else
            Qt.callLater(letGo);
    }
    onVisibleChanged: passOn()
    onEnabledChanged: passOn()
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        implicitWidth: row.implicitWidth
        implicitHeight: row.implicitHeight

        Row {
            id: row
            anchors.centerIn: parent
            spacing: Theme.sized(8)

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: control.glyph
                color: control.tint
                visible: control.glyph !== "" && !control.busy
            }
            Loader {
                anchors.verticalCenter: parent.verticalCenter
                active: control.busy
                visible: active
                sourceComponent: Spinner {
                    color: control.tint
                }
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                text: control.text
                font: control.font
                color: control.tint
                visible: !control.iconOnly
                wrapMode: Text.NoWrap
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Theme.sized(8)
        border.width: control.kind === Button.Kind.Plain || (control.kind === Button.Kind.Primary && control.enabled) ? 0 : 1
        border.color: !control.enabled ? Theme.colors.itemLine : control.kind === Button.Kind.Accent ? Theme.colors.accentLine : control.kind === Button.Kind.Danger ? Theme.colors.badLine : Theme.colors.inputLine
        color: !control.enabled ? "transparent" : control.kind === Button.Kind.Accent ? Theme.colors.accentSoft : control.kind === Button.Kind.Danger ? Theme.colors.badSoft : "transparent"

        Loader {
            anchors.fill: parent
            active: control.kind === Button.Kind.Primary && control.enabled
            sourceComponent: Rectangle {
                radius: Theme.sized(8)
                gradient: Gradient {
                    orientation: Gradient.Horizontal
                    GradientStop {
                        position: 0
                        color: Theme.colors.primaryStart
                    }
                    GradientStop {
                        position: 1
                        color: Theme.colors.primaryEnd
                    }
                }
            }
        }
        Rectangle {
            anchors.fill: parent
            radius: parent.radius
            color: Theme.colors.hover
            visible: control.enabled && (control.hovered || control.down)
        }
        FocusRing {
            shown: control.visualFocus
        }
    }

    Loader {
        active: control.hint !== "" && (control.hovered || control.visualFocus)
        anchors.fill: parent
        sourceComponent: Item {
            ToolTip {
                text: control.hint
                visible: control.hovered || control.visualFocus
            }
        }
    }
    HoverHandler {
        cursorShape: control.enabled ? Qt.PointingHandCursor : Qt.ArrowCursor
    }
}
