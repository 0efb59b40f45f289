import QtQuick
import QtQuick.Templates as T
import MiLLM

/// A number picked along a line. Arrows change it by a step, Page Up and Page Down by eight, Home and End go to the ends.
T.Slider {
    id: control

    // By these names a screen reader is told of them.
    readonly property real minimumValue: from
    readonly property real maximumValue: to

    signal picked(real number) // what `value` is bound to takes it

    function go(number: real): void {
        picked(Math.max(from, Math.min(to, number)));
    }

    implicitWidth: Theme.sized(200)
    implicitHeight: Theme.sized(32)
    padding: Theme.sized(8)
    focusPolicy: Qt.StrongFocus
    opacity: enabled ? 1 : Theme.disabledOpacity
    onMoved: go(value)
    Keys.onPressed: event => {
        const next = event.key === Qt.Key_Home ? from : event.key === Qt.Key_End ? to : event.key === Qt.Key_PageUp ? value + 8 * stepSize : event.key === Qt.Key_PageDown ? value - 8 * stepSize : NaN;
        event.accepted = !isNaN(next);
        if (event.accepted)
            go(next);
    }

    background: Rectangle {
        x: control.leftPadding
        y: Math.round((control.height - height) / 2)
        width: control.availableWidth
        height: Theme.sized(6)
        radius: Theme.sized(3)
        color: Theme.colors.track
        border.width: Theme.colors === Theme.contrast ? 1 : 0
        border.color: Theme.colors.inputLine

        Rectangle {
            x: control.mirrored ? parent.width - width : 0
            width: Math.round(control.position * parent.width)
            height: parent.height
            radius: Theme.sized(3)
            color: Theme.colors.accent
        }
    }
    handle: Rectangle {
        x: control.leftPadding + Math.round(control.visualPosition * (control.availableWidth - width))
        y: Math.round((control.height - height) / 2)
        width: Theme.sized(18)
        height: Theme.sized(18)
        radius: Theme.sized(9)
        color: Theme.colors.accent
        border.width: 2
        border.color: Theme.colors.popup

        FocusRing {
            shown: control.activeFocus
            around: Theme.sized(9)
        }
    }
}
