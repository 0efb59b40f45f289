import QtQuick
import MiLLM

/// Turns while something is asked for; stands still where motion is off.
Icon {
    id: spinner

    property bool running: true

    name: "spinner"
    visible: running

    RotationAnimator on rotation {
        from: 0
        to: 360
        duration: 1000
        loops: Animation.Infinite
        running: spinner.visible && Theme.motion
    }
}
