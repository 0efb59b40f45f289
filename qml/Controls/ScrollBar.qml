import QtQuick
import QtQuick.Templates as T
import MiLLM

T.ScrollBar {
    id: control

    implicitWidth: Theme.sized(10)
    implicitHeight: Theme.sized(10)
    padding: Theme.sized(2)
    minimumSize: 0.06
    visible: control.policy !== T.ScrollBar.AlwaysOff && control.size < 1
    Accessible.ignored: true // its value is none that a screen reader understands, and the keys scroll

    contentItem: Rectangle {
        implicitWidth: Theme.sized(6)
        implicitHeight: Theme.sized(6)
        radius: Theme.sized(3)
        color: Theme.colors.muted
        opacity: control.pressed || control.hovered ? 0.9 : 0.5
    }
}
