import QtQuick
import MiLLM
import MiLLM.Ui

/// Whether a quantization fits this machine, as a mark and in words.
Row {
    id: mark

    required property int fit
    required property string words
    readonly property color tint: fit === SchemeList.Fit.Fits ? Theme.colors.good : Theme.colors.warn

    spacing: Theme.sized(4)
    visible: fit !== SchemeList.Fit.Unknown

    Icon {
        anchors.verticalCenter: parent.verticalCenter
        name: mark.fit === SchemeList.Fit.Fits ? "check-circle" : "warning"
        size: 14
        color: mark.tint
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        text: mark.words
        color: mark.tint
        font.pixelSize: Theme.smallSize
        wrapMode: Text.NoWrap
    }
}
