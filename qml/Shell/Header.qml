pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The bar at the top. What there is no room for is left out, the least wanted first; nothing wraps.
Rectangle {
    id: header

    required property SystemStatus system
    required property ServerState server
    required property string loadedName
    required property list<PageEntry> pages
    property int current: 0

    signal pagePicked(int index)
    signal helpAsked
    signal serverAsked

    function focusTab(index: int): void {
        const tab = tabs.itemAt((index + tabs.count) % tabs.count);
        tab.forceActiveFocus(Qt.TabFocusReason);
    }

    readonly property int padding: width < Theme.narrow ? Theme.sized(12) : Theme.sized(24)
    readonly property real modelWidth: Math.min(Theme.sized(220), loadedMeasure.implicitWidth + Theme.sized(26))
    /// What is left beside the tabs as icons, dot, the model's icon, help, and the gaps between.
    readonly property real spare: width - 2 * padding - Theme.sized(44) * pages.length - Theme.sized(30 + 14 + 32 + 3 * 12)
    readonly property bool tiny: spare < 0 // not even room for these: F1 helps as well, and the chat tells the model
    /// How many rows of `wishes` are granted, from the first to the first that does not fit.
    readonly property int granted: {
        let left = spare;
        let count = 0;
        for (const wish of wishes) {
            left -= wish;
            if (left < 0)
                break;
            ++count;
        }
        return count;
    }
    // Append a row for something that the header shows where it has room.
    readonly property list<real> wishes: [
        /* 0 the tile */ Theme.sized(36 + 12),
        /* 1 a part of the model's name */ Math.min(modelWidth, Theme.sized(90)) - Theme.sized(14),
        /* 2 its whole name */ Math.max(0, modelWidth - Theme.sized(90)),
        /* 3 tabs in words */ tabsMeasure.width - Theme.sized(40 - 8) * pages.length,
        /* 4 the program's name */ brand.nameWidth + Theme.sized(12 + 12),
        /* 5 the server's state in words */ stateMeasure.implicitWidth + Theme.sized(14),
        /* 6 GPU or "No GPU" */ system.hasGpu ? Theme.sized(90) : Theme.sized(60),
        /* 7 VRAM */ system.hasGpu ? Theme.sized(146) : 0,
        /* 8 CPU */ Theme.sized(94),
        /* 9 RAM */ Theme.sized(138),
        /* 10 temperature */ system.temperatureText === "" ? 0 : Theme.sized(62),
        /* 11 the subtitle */ brand.subtitleWidth + Theme.sized(12)]

    implicitHeight: Theme.sized(64)
    color: Theme.colors.header
    Accessible.role: Accessible.ToolBar
    Accessible.name: qsTr("Header")

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.colors.headerLine
    }
    Brand {
        id: brand
        anchors.left: parent.left
        anchors.leftMargin: header.padding
        anchors.verticalCenter: parent.verticalCenter
        visible: header.granted > 0
        named: header.granted > 4
        explained: header.granted > 11
    }
    T.TabBar {
        id: tabs
        anchors.left: brand.visible ? brand.right : parent.left
        anchors.leftMargin: header.granted > 4 ? Theme.sized(32) : Theme.sized(12)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.sized(4)
        currentIndex: header.current
        implicitWidth: contentWidth
        implicitHeight: Theme.sized(36)
        Accessible.role: Accessible.PageTabList
        Accessible.name: qsTr("Pages")
        contentItem: ListView {
            model: tabs.contentModel
            currentIndex: tabs.currentIndex
            spacing: tabs.spacing
            orientation: ListView.Horizontal
            interactive: false
            implicitWidth: contentWidth
        }

        Repeater {
            model: header.pages

            Tab {
                required property int index
                required property PageEntry modelData
                objectName: "page-tab-" + index
                width: implicitWidth
                text: modelData.title
                glyph: modelData.glyph
                compact: header.granted <= 3
                Keys.onRightPressed: header.focusTab(index + (mirrored ? -1 : 1))
                Keys.onLeftPressed: header.focusTab(index - (mirrored ? -1 : 1))
                onClicked: header.pagePicked(index)
            }
        }
    }
    Row {
        anchors.right: parent.right
        anchors.rightMargin: header.padding
        anchors.verticalCenter: parent.verticalCenter
        spacing: header.granted > 6 ? Theme.sized(16) : Theme.sized(12)

        Metrics {
            anchors.verticalCenter: parent.verticalCenter
            system: header.system
            // Row 6 stands for both "GPU" and "No GPU", of which one is shown.
            shown: header.granted <= 6 ? 0 : header.granted - 6 + 1
        }
        ServerPill {
            anchors.verticalCenter: parent.verticalCenter
            server: header.server
            compact: header.granted <= 5
            onAsked: header.serverAsked()
        }
        LoadedName {
            anchors.verticalCenter: parent.verticalCenter
            name: header.loadedName
            visible: !header.tiny
            most: header.granted > 2 ? header.modelWidth : header.granted > 1 ? Theme.sized(90) : 0
        }
        Button {
            objectName: "help-btn"
            visible: !header.tiny
            implicitHeight: Theme.sized(32)
            kind: Button.Kind.Plain
            iconOnly: true
            glyph: "help"
            text: qsTr("Shortcuts and appearance")
            hint: ""
            onClicked: header.helpAsked()
        }
    }
    Label {
        id: loadedMeasure
        visible: false
        text: header.loadedName === "" ? qsTr("No model") : header.loadedName
        font.pixelSize: Theme.smallSize
        wrapMode: Text.NoWrap
    }
    Label {
        id: stateMeasure
        visible: false
        text: header.server.label
        font.pixelSize: Theme.smallSize
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
    }
    Row {
        id: tabsMeasure
        visible: false

        Repeater {
            model: header.pages

            Label {
                required property PageEntry modelData
                text: modelData.title
                weight: Font.DemiBold
                wrapMode: Text.NoWrap
                rightPadding: Theme.sized(32)
            }
        }
    }
}
