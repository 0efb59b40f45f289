pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The cards: one column, two where there is room.
ColumnLayout {
    id: grid

    required property ModelList models
    required property ModelFilter shownModels

    signal loadAsked(var id)
    signal deleteAsked(var id, string name, string disk, bool local)

    spacing: 12

    GridLayout {
        Layout.fillWidth: true
        columns: grid.width >= Theme.twoColumns ? 2 : 1
        columnSpacing: 12
        rowSpacing: 12
        uniformCellWidths: true
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Your Models")

        Repeater {
            model: grid.shownModels

            ModelCard {
                id: card
                Layout.fillWidth: true
                Layout.fillHeight: true
                onLoadAsked: grid.loadAsked(card.modelId)
                onUnloadAsked: grid.models.unload(card.modelId)
                onCancelAsked: grid.models.cancel(card.modelId)
                onRetryAsked: grid.models.retry(card.modelId)
                onDeleteAsked: grid.deleteAsked(card.modelId, card.name, card.diskText, card.local)
                onEndpointAsked: grid.models.copyEndpoint(card.modelId)
                onCurlAsked: grid.models.copyCurl(card.modelId)
            }
        }
    }
    Label {
        Layout.fillWidth: true
        Layout.topMargin: 12
        horizontalAlignment: Text.AlignHCenter
        text: qsTr("No model matches “%1”.").arg(grid.shownModels.search)
        color: Theme.colors.muted
        visible: grid.shownModels.matches === 0
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        text: qsTr("Show %1 more").arg(grid.shownModels.hidden)
        visible: grid.shownModels.hidden > 0
        onClicked: grid.shownModels.showMore()
    }
}
