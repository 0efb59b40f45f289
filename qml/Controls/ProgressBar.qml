import QtQuick
import QtQuick.Templates as T
import MiLLM

/// How far something is, 0 to 100; a part that wanders while nobody knows. The value is readable by a screen reader.
T.ProgressBar {
    id: control

    from: 0
    to: 100
    implicitWidth: 200
    implicitHeight: 6

    background: Rectangle {
        radius: 3
        color: Theme.colors.track
    }
    contentItem: Item {
        clip: true

        Rectangle {
            id: bar
            width: control.indeterminate ? parent.width * 0.3 : parent.width * control.visualPosition
            height: parent.height
            radius: 3
            color: Theme.colors.accent

            Behavior on width {
                NumberAnimation {
                    duration: Theme.progressing
                }
            }
            SequentialAnimation on opacity {
                running: control.indeterminate && control.visible && Theme.motion
                loops: Animation.Infinite
                onRunningChanged: bar.opacity = 1
                NumberAnimation {
                    from: 1
                    to: 0.35
                    duration: Theme.pulse / 2
                }
                NumberAnimation {
                    from: 0.35
                    to: 1
                    duration: Theme.pulse / 2
                }
            }
        }
    }
}
