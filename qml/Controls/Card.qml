import QtQuick
import QtQuick.Layouts
import MiLLM

/// A framed part of a page; its children stand one below the other.
Rectangle {
    id: card

    default property alias content: column.data
    property int padding: Theme.sized(20)

    implicitWidth: column.implicitWidth + 2 * padding
    implicitHeight: column.implicitHeight + 2 * padding
    radius: Theme.sized(12)
    color: Theme.colors.card
    border.color: Theme.colors.cardLine

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.margins: card.padding
        spacing: Theme.sized(16)
    }
}
