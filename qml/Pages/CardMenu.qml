pragma ComponentBehavior: Bound
import QtQuick
import MiLLM
import MiLLM.Ui

/// What else can be done with a model: one menu for all cards.
Menu {
    id: menu

    required property ModelList models
    property var modelId
    property var deeds: ({})

    signal renameAsked(var id)

    /// Opens at a place of a card.
    function ask(card: Item, id: var, x: real, y: real): void {
        modelId = id;
        deeds = models.deeds(id);
        popup(card, x, y, null);
    }
    function can(what: string): bool {
        return deeds[what] === true;
    }
    function makes(scheme: int): bool {
        return (deeds["quantize"] ?? []).indexOf(scheme) >= 0;
    }

    objectName: "card-menu"

    MenuItem {
        objectName: "menu-up"
        text: qsTr("Download earlier")
        glyph: "arrow-up"
        visible: menu.can("up")
        onTriggered: menu.models.moveInQueue(menu.modelId, -1)
    }
    MenuItem {
        objectName: "menu-down"
        text: qsTr("Download later")
        glyph: "arrow-down"
        visible: menu.can("down")
        onTriggered: menu.models.moveInQueue(menu.modelId, 1)
    }
    MenuItem {
        objectName: "menu-folder"
        text: qsTr("Open folder")
        glyph: "folder"
        visible: menu.can("folder")
        onTriggered: menu.models.openFolder(menu.modelId)
    }
    MenuItem {
        objectName: "menu-page"
        text: qsTr("Open on the Hub")
        glyph: "link"
        visible: menu.can("page")
        onTriggered: menu.models.openPage(menu.modelId)
    }
    MenuItem {
        objectName: "menu-copy-name"
        text: qsTr("Copy name for requests")
        glyph: "copy"
        onTriggered: menu.models.copyName(menu.modelId)
    }
    MenuItem {
        objectName: "menu-copy-location"
        text: menu.can("local") ? qsTr("Copy path") : qsTr("Copy repository id")
        glyph: "copy"
        onTriggered: menu.models.copyLocation(menu.modelId)
    }
    MenuItem {
        objectName: "menu-rename"
        text: qsTr("Rename…")
        glyph: "edit"
        visible: menu.can("rename")
        onTriggered: menu.renameAsked(menu.modelId)
    }
    MenuItem {
        objectName: "menu-q4"
        text: qsTr("Make a 4-bit model of it")
        glyph: "memory"
        visible: menu.makes(0)
        onTriggered: menu.models.quantize(menu.modelId, 0)
    }
    MenuItem {
        objectName: "menu-q8"
        text: qsTr("Make an 8-bit model of it")
        glyph: "memory"
        visible: menu.makes(1)
        onTriggered: menu.models.quantize(menu.modelId, 1)
    }
}
