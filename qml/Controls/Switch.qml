import QtQuick
import QtQuick.Templates as T
import MiLLM

/// On or off, with its words beside it.
T.Switch {
    id: control

    implicitWidth: 44 + words.implicitWidth
    implicitHeight: Math.max(24, words.implicitHeight)
    focusPolicy: Qt.StrongFocus
    opacity: enabled ? 1 : Theme.disabledOpacity
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    indicator: Rectangle {
        x: control.mirrored ? control.width - width : 0
        y: Math.round((control.height - height) / 2)
        width: 36
        height: 20
        radius: 10
        color: control.checked ? Theme.colors.primaryEnd : Theme.colors.input
        border.color: control.checked ? Theme.colors.primaryEnd : Theme.colors.inputLine

        Rectangle {
            x: control.checked !== control.mirrored ? parent.width - width - 3 : 3
            y: 3
            width: 14
            height: 14
            radius: 7
            color: control.checked ? Theme.colors.onPrimary : Theme.colors.label

            Behavior on x {
                NumberAnimation {
                    duration: Theme.quick
                }
            }
        }
        FocusRing {
            shown: control.visualFocus
            around: 10
        }
    }
    contentItem: Label {
        id: words
        leftPadding: control.mirrored ? 0 : 46
        rightPadding: control.mirrored ? 46 : 0
        verticalAlignment: Text.AlignVCenter
        text: control.text
        Accessible.ignored: true
    }
}
