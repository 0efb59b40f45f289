import QtQuick
import QtQuick.Window
import MiLLM

/// A stroke icon of resources/icons in any colour. Decoration only: whoever uses it has the words.
Image {
    id: icon

    required property string name
    property color color: Theme.colors.text
    property int size: 16

    width: size
    height: size
    sourceSize: Qt.size(size * Screen.devicePixelRatio, size * Screen.devicePixelRatio)
    source: name === "" ? "" : "image://icon/" + name + "/" + color.toString().substring(1)
    Accessible.ignored: true
}
