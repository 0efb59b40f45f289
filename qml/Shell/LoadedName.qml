import QtQuick
import MiLLM

/// The model that answers requests.
Row {
    id: loaded

    required property string name
    property int most: Theme.sized(200) // 0: the icon alone
    readonly property string spoken: name === "" ? qsTr("No model loaded") : qsTr("Loaded model: %1").arg(name)

    spacing: Theme.sized(6)
    Accessible.role: Accessible.StaticText
    Accessible.name: spoken

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
        width: Math.min(implicitWidth, loaded.most - Theme.sized(20))
        visible: loaded.most > 0
        text: loaded.name === "" ? qsTr("No model") : loaded.name
        color: loaded.name === "" ? Theme.colors.muted : Theme.colors.good
        font.pixelSize: Theme.smallSize
        elide: Text.ElideMiddle
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    HoverHandler {
        id: hover
    }
    ToolTip {
        text: loaded.name
        y: loaded.height + Theme.sized(8)
        visible: hover.hovered && loaded.name !== "" && (words.truncated || !words.visible)
    }
}
