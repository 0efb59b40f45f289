import QtQuick
import QtQuick.Templates as T
import MiLLM

/// On or off, with its words beside it.
T.Switch {
    id: control

    implicitWidth: Theme.sized(44) + words.implicitWidth
    implicitHeight: Math.max(Theme.sized(24), words.implicitHeight)
    focusPolicy: Qt.StrongFocus
    opacity: enabled ? 1 : Theme.disabledOpacity
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    indicator: Rectangle {
        x: control.mirrored ? control.width - width : 0
        y: Math.round((control.height - height) / 2)
        width: Theme.sized(36)
        height: Theme.sized(20)
        radius: Theme.sized(10)
        color: control.checked ? Theme.colors.primaryEnd : Theme.colors.input
        border.color: control.checked ? Theme.colors.primaryEnd : Theme.colors.inputLine

        Rectangle {
            x: control.checked !== control.mirrored ? parent.width - width - Theme.sized(3) : Theme.sized(3)
            y: Theme.sized(3)
            width: Theme.sized(14)
            height: Theme.sized(14)
            radius: Theme.sized(7)
            color: control.checked ? Theme.colors.onPrimary : Theme.colors.label

            Behavior on x {
                NumberAnimation {
                    duration: Theme.quick
                }
            }
        }
        FocusRing {
            shown: control.visualFocus
            around: Theme.sized(10)
        }
    }
    contentItem: Label {
        id: words
        leftPadding: control.mirrored ? 0 : Theme.sized(46)
        rightPadding: control.mirrored ? Theme.sized(46) : 0
        verticalAlignment: Text.AlignVCenter
        text: control.text
        Accessible.ignored: true
    }
}
