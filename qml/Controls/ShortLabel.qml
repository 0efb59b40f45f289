pragma ComponentBehavior: Bound
import QtQuick
import MiLLM

/// A text that takes at most so many lines, two where nothing else is said. What is cut is read in its tip, under the pointer or while `told`, and by a screen reader.
Label {
    id: label

    property bool told: false // where the keyboard is at what it names

    maximumLineCount: 2
    elide: Text.ElideRight

    HoverHandler {
        id: hover
    }
    Loader {
        active: label.truncated && (hover.hovered || label.told)
        anchors.fill: parent
        sourceComponent: Item {
            ToolTip {
                objectName: "whole-text"
                text: label.text
                visible: true
            }
        }
    }
}
