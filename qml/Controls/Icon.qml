import QtQuick
import QtQuick.Window
import MiLLM

/// A stroke icon of resources/icons in any colour. Decoration only: whoever uses it has the words.
Item {
    id: icon

    required property string name
    property color color: Theme.colors.text
    property int size: 16 // before it follows the size of texts
    readonly property int edge: Theme.sized(size)

    // Not the picture's own size, which counts pixels: layouts would let it grow with the screen's scale.
    implicitWidth: edge
    implicitHeight: edge
    Accessible.ignored: true

    Image {
        anchors.fill: parent
        sourceSize: Qt.size(icon.edge * Screen.devicePixelRatio, icon.edge * Screen.devicePixelRatio)
        source: icon.name === "" ? "" : "image://icon/" + icon.name + "/" + icon.color.toString().substring(1)
        Accessible.ignored: true
    }
}
