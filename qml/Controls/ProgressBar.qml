import QtQuick
import QtQuick.Templates as T
import MiLLM

/// How far something is, 0 to 100; a part that wanders while nobody knows. The value is readable by a screen reader.
T.ProgressBar {
    id: control

    // For SpokenProgress, which has no other way to them.
    readonly property string spokenName: Accessible.name
    readonly property string spokenDescription: Accessible.description

    from: 0
    to: 100
    implicitWidth: Theme.sized(200)
    implicitHeight: Theme.sized(6)

    background: Rectangle {
        radius: Theme.sized(3)
        color: Theme.colors.track
    }
    contentItem: Item {
        clip: true

        Rectangle {
            id: bar
            x: control.indeterminate ? (parent.width + width) * wander.at - width : control.mirrored ? parent.width - width : 0
            width: control.indeterminate ? parent.width * 0.3 : parent.width * control.position
            height: parent.height
            radius: Theme.sized(3)
            color: Theme.colors.accent

            Behavior on width {
                enabled: !control.indeterminate
                NumberAnimation {
                    duration: Theme.progressing
                }
            }
        }
        // A part that moves is no share that is done. Where motion is not wanted it stands in the middle.
        NumberAnimation {
            id: wander
            property real at: 0.5
            target: wander
            property: "at"
            from: 0
            to: 1
            duration: 1600
            loops: Animation.Infinite
            running: control.indeterminate && control.visible && Theme.motion
            onRunningChanged: at = 0.5
        }
    }
}
