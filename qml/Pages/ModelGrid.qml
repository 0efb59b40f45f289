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
    // Where in the queue of downloads a dragged card would come; 0: nowhere.
    property int dropPlace: 0

    spacing: Theme.sized(12)
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

    /// The place in the queue of the waiting card that lies there; 0 where none does.
    function placeAt(point: point, dragged: Item): int {
        for (let index = 0; index < cards.count; ++index) {
            const item = cards.itemAt(index) as ModelCard;
            if (item && item !== dragged && item.place > 0 && item.contains(item.mapFromItem(null, point.x, point.y)))
                return item.place;
        }
        return 0;
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

    // The next card of a page is made when the last one is on the screen.
    Connections {
        target: grid.shownModels.filling ? grid.Window.window : null
        function onFrameSwapped(): void {
            Qt.callLater(grid.shownModels.fill);
        }
    }
    GridLayout {
        id: board
        Layout.fillWidth: true
        columns: grid.width >= Theme.twoColumns ? 2 : 1
        columnSpacing: Theme.sized(12)
        rowSpacing: Theme.sized(12)
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
                z: grip.active ? 1 : 0
                color: grip.active ? Theme.colors.popup : Theme.colors.item // what it is carried over does not show through
                transform: Translate {
                    x: grip.active ? grip.activeTranslation.x : 0
                    y: grip.active ? grip.activeTranslation.y : 0
                }
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

                // Downloads that wait are put in another order by hand; by the keyboard the card's menu does it.
                DragHandler {
                    id: grip
                    enabled: card.place > 0
                    target: null
                    cursorShape: active ? Qt.ClosedHandCursor : Qt.OpenHandCursor
                    grabPermissions: PointerHandler.CanTakeOverFromAnything
                    onCentroidChanged: {
                        if (active)
                            grid.dropPlace = grid.placeAt(centroid.scenePosition, card);
                    }
                    onActiveChanged: {
                        if (!active && grid.dropPlace > 0)
                            grid.models.moveInQueue(card.modelId, grid.dropPlace - card.place);
                        grid.dropPlace = 0;
                    }
                    onCanceled: grid.dropPlace = 0
                }
                Rectangle {
                    anchors.fill: parent
                    visible: grid.dropPlace > 0 && grid.dropPlace === card.place
                    radius: card.radius
                    color: "transparent"
                    border.width: 2
                    border.color: Theme.colors.accent
                }
            }
        }
    }
    Label {
        objectName: "no-match"
        Layout.fillWidth: true
        Layout.topMargin: Theme.sized(12)
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
        objectName: "show-more-btn"
        text: qsTr("Show %Ln more", "", grid.shownModels.hidden)
        visible: grid.shownModels.hidden > 0
        onClicked: {
            const next = cards.count;
            grid.shownModels.showMore();
            grid.shownModels.fill();
            // The button moves down, out of sight.
            if (visualFocus)
                cards.itemAt(next)?.forceActiveFocus(Qt.TabFocusReason);
        }
    }
}
