import QtQuick
import QtQuick.Templates as T
import MiLLM

T.ScrollBar {
    id: control

    implicitWidth: 10
    implicitHeight: 10
    padding: 2
    minimumSize: 0.06
    visible: control.policy !== T.ScrollBar.AlwaysOff && control.size < 1
    Accessible.ignored: true // its value is none that a screen reader understands, and the keys scroll

    contentItem: Rectangle {
        implicitWidth: 6
        implicitHeight: 6
        radius: 3
        color: Theme.colors.muted
        opacity: control.pressed || control.hovered ? 0.9 : 0.5
    }
}
