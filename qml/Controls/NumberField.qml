import QtQuick
import MiLLM
import MiLLM.Ui

/// A number typed by hand, within its limits, in the locale's digits or any others. Up and Down change the last digit shown.
TextField {
    id: control

    required property double value
    required property double from
    required property double to
    property int decimals: 0
    readonly property double step: decimals === 0 ? 16 : 0.1

    signal entered(double value)

    function shown(number: double): string {
        return NumberText.shown(number, decimals);
    }
    function enter(number: double): void {
        if (!isNaN(number))
            entered(Math.max(from, Math.min(to, number)));
        text = Qt.binding(() => shown(value));
    }

    implicitWidth: Theme.sized(76)
    implicitHeight: Theme.sized(34)
    topPadding: Theme.sized(6)
    bottomPadding: Theme.sized(6)
    leftPadding: Theme.sized(10)
    rightPadding: Theme.sized(10)
    text: shown(value)
    font.family: Theme.mono
    font.pixelSize: Theme.sized(13)
    inputMethodHints: decimals === 0 ? Qt.ImhDigitsOnly : Qt.ImhFormattedNumbersOnly
    described: qsTr("From %1 to %2").arg(shown(from)).arg(shown(to))
    onEditingFinished: enter(NumberText.read(text))
    Keys.onUpPressed: enter(value + step)
    Keys.onDownPressed: enter(value - step)
}
