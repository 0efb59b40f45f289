import QtQuick
import MiLLM

/// The model that answers requests.
Row {
    id: loaded

    required property string name
    property int most: 200

    spacing: 6

    Icon {
        anchors.verticalCenter: parent.verticalCenter
        name: "server"
        size: 14
        color: words.color
    }
    Label {
        id: words
        objectName: "status-bar-model"
        anchors.verticalCenter: parent.verticalCenter
        width: Math.min(implicitWidth, loaded.most - 20)
        text: loaded.name === "" ? qsTr("No model") : loaded.name
        color: loaded.name === "" ? Theme.colors.muted : Theme.colors.good
        font.pixelSize: Theme.smallSize
        elide: Text.ElideMiddle
        wrapMode: Text.NoWrap
        Accessible.role: Accessible.StaticText
        Accessible.name: loaded.name === "" ? qsTr("No model loaded") : qsTr("Loaded model: %1").arg(loaded.name)
    }
    HoverHandler {
        id: hover
    }
    ToolTip {
        text: loaded.name
        y: loaded.height + 8
        visible: hover.hovered && words.truncated
    }
}
