pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Window
import MiLLM
import MiLLM.Ui

/// The cards: one column, two where there is room.
ColumnLayout {
    id: grid

    required property ModelList models
    required property ModelFilter shownModels

    signal loadAsked(var id)
    signal optionsAsked(var id)
    signal deleteAsked(var id, string name, string disk, bool local)
    signal renameAsked(var id, string name)

    // The card that has the keyboard's focus, or a button of which has it.
    readonly property Item focused: Window.activeFocusItem
    property int holder: -1

    spacing: 12
    // From card to card by arrows; from one of its buttons, Tab.
    Keys.onPressed: event => {
        const steps = event.key === Qt.Key_Right ? 1 : event.key === Qt.Key_Left ? -1 : event.key === Qt.Key_Down ? board.columns : event.key === Qt.Key_Up ? -board.columns : 0;
        const next = holder + steps;
        event.accepted = steps !== 0 && focused instanceof ModelCard && next >= 0 && next < cards.count;
        if (event.accepted)
            cards.itemAt(next).forceActiveFocus(Qt.TabFocusReason);
    }
    onFocusedChanged: {
        for (let item = focused; item; item = item.parent) {
            if (item instanceof ModelCard) {
                holder = indexOf(item);
                return;
            }
        }
        if (focused && focused !== Window.contentItem)
            holder = -1;
    }

    function indexOf(card: Item): int {
        for (let index = 0; index < cards.count; ++index) {
            if (cards.itemAt(index) === card)
                return index;
        }
        return -1;
    }
    /// Where a card went with the focus, the one in its place gets it.
    function focusNear(index: int): void {
        const near = cards.itemAt(Math.min(index, cards.count - 1));
        if (near)
            near.forceActiveFocus(Qt.TabFocusReason);
    }

    GridLayout {
        id: board
        Layout.fillWidth: true
        columns: grid.width >= Theme.twoColumns ? 2 : 1
        columnSpacing: 12
        rowSpacing: 12
        uniformCellWidths: true
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Your Models")

        Repeater {
            id: cards
            model: grid.shownModels
            onItemRemoved: index => {
                if (index === grid.holder)
                    Qt.callLater(grid.focusNear, index);
            }

            ModelCard {
                id: card
                Layout.fillWidth: true
                Layout.fillHeight: true
                onLoadAsked: grid.loadAsked(card.modelId)
                onOptionsAsked: grid.optionsAsked(card.modelId)
                onUnloadAsked: grid.models.unload(card.modelId)
                onCancelAsked: grid.models.cancel(card.modelId)
                onRetryAsked: grid.models.retry(card.modelId)
                onDeleteAsked: grid.deleteAsked(card.modelId, card.name, card.diskText, card.local)
                onDeleteRefused: grid.models.sayWhyKept(card.modelId)
                onMenuAsked: (x, y) => menu.ask(card, card.modelId, x, y)
                onEndpointAsked: grid.models.copyEndpoint(card.modelId)
                onCurlAsked: grid.models.copyCurl(card.modelId)
            }
        }
    }
    Label {
        objectName: "no-match"
        Layout.fillWidth: true
        Layout.topMargin: 12
        horizontalAlignment: Text.AlignHCenter
        text: grid.shownModels.search === "" ? qsTr("No model is like that.") : qsTr("No model matches “%1”.").arg(grid.shownModels.search)
        color: Theme.colors.muted
        visible: grid.shownModels.matches === 0
    }
    Button {
        objectName: "show-all-btn"
        Layout.alignment: Qt.AlignHCenter
        text: qsTr("Show all models")
        visible: grid.shownModels.matches === 0 && grid.shownModels.narrowed
        onClicked: grid.shownModels.showAll()
    }
    CardMenu {
        id: menu
        models: grid.models
        onRenameAsked: id => grid.renameAsked(id, grid.models.nameOf(id))
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        text: qsTr("Show %n more", "", grid.shownModels.hidden)
        visible: grid.shownModels.hidden > 0
        onClicked: grid.shownModels.showMore()
    }
}
