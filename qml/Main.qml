pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The window: header, pages, toasts. Only here is the whole App known; a page gets its own view models.
T.ApplicationWindow {
    id: root

    required property App app
    property int page: 0
    property Item shownPage: null
    property Item lastFocused: null

    // Append a row for a new page.
    readonly property list<PageEntry> pages: [
        PageEntry {
            title: qsTr("Models")
            glyph: "server"
            view: Component {
                ModelsPage {
                    trouble: root.app.trouble
                    server: root.app.server
                    models: root.app.models
                    shownModels: root.app.shownModels
                    downloadForm: root.app.downloadForm
                    localForm: root.app.localForm
                    loadForm: root.app.loadForm
                    onServerAsked: root.show(2)
                    onFolderAsked: {
                        root.show(3);
                        ((stack.itemAt(3) as Loader)?.item as SettingsPage)?.focusSetting("data-dir");
                    }
                }
            }
        },
        PageEntry {
            title: qsTr("Chat")
            glyph: "chat"
            view: Component {
                ChatPage {
                    chat: root.app.chat
                    models: root.app.loadableModels
                    onModelsAsked: root.show(0)
                    onLoadAsked: id => root.app.loadForm.load(id)
                }
            }
        },
        PageEntry {
            title: qsTr("Server")
            glyph: "globe"
            view: Component {
                ServerPage {
                    server: root.app.server
                    panel: root.app.serverPanel
                }
            }
        },
        PageEntry {
            title: qsTr("Settings")
            glyph: "sliders"
            view: Component {
                SettingsPage {
                    form: root.app.settings
                    gathering: root.app.gathering
                    appearance: root.app.appearance
                    language: root.app.language
                }
            }
        }
    ]

    function show(index: int): void {
        page = index;
        // Who goes to the chat goes to write.
        ((stack.itemAt(index) as Loader)?.item as ChatPage)?.focusMessage();
    }

    /// Not a part that anybody sees: the window, or what the page stands in.
    function nowhere(item: Item): bool {
        return !item || item === contentItem || item === contentItem.parent || item === shownPage?.parent;
    }
    /// What had the keyboard may have gone with it: then the page has it, so that the next key is not lost.
    function keepFocus(): void {
        // What is only disabled for a while gets it back by itself.
        const returns = lastFocused && lastFocused.focus && lastFocused.visible && !lastFocused.enabled;
        if (nowhere(activeFocusItem) && active && shownPage && !returns)
            shownPage.forceActiveFocus(Qt.OtherFocusReason);
    }

    /// Ends the program; asks first where that cuts something.
    function leave(): void {
        if (app.closing.work.length > 0)
            (closeDialog.made() as CloseDialog).open();
        else
            app.closing.quit();
    }

    /// Out of sight, and still running: behind the tray's icon, or minimized where there is none.
    function putAway(): void {
        if (app.tray.available)
            visible = false;
        else
            showMinimized();
    }
    function bringBack(): void {
        app.closing.carryOn();
        if (visibility === Window.Minimized)
            showNormal();
        visible = true;
        raise();
        requestActivate();
    }

    width: 1280
    height: 800
    minimumWidth: Math.min(Theme.sized(320), Screen.desktopAvailableWidth)
    minimumHeight: Math.min(Theme.sized(400), Screen.desktopAvailableHeight)
    visible: true
    title: app.demo ? qsTr("miLLM (demo)") : "miLLM"
    color: Theme.colors.pageMiddle
    LayoutMirroring.enabled: Theme.fromRight
    LayoutMirroring.childrenInherit: true
    // Of what is not drawn by this program's own controls: the dialog for folders where the desktop brings none.
    palette {
        window: Theme.colors.popup
        windowText: Theme.colors.text
        base: Theme.colors.popup
        alternateBase: Theme.colors.popup
        text: Theme.colors.text
        button: Theme.colors.popup
        buttonText: Theme.colors.text
        brightText: Theme.colors.heading
        placeholderText: Theme.colors.muted
        highlight: Theme.colors.primaryEnd
        highlightedText: Theme.colors.onPrimary
        light: Theme.colors.popup
        mid: Theme.colors.inputLine
        dark: Theme.colors.label
    }

    onActiveFocusItemChanged: {
        if (!nowhere(activeFocusItem))
            lastFocused = activeFocusItem;
        keeper.restart();
    }
    onLastFocusedChanged: keeper.restart() // also when it is destroyed
    onClosing: close => {
        close.accepted = false;
        if (app.settings.keepInTray && app.tray.available)
            putAway();
        else
            leave();
    }

    background: PageGround {}
    header: Header {
        system: root.app.system
        server: root.app.server
        loadedName: root.app.models.loadedName
        pages: root.pages
        current: root.page
        onPagePicked: index => root.show(index)
        onHelpAsked: (shortcuts.made() as ShortcutsDialog).open()
        onServerAsked: root.show(2)
        Keys.forwardTo: root.shownPage ? [root.shownPage] : []
    }

    // Menus and dialogs that close give it back by themselves, and one may follow the other.
    Timer {
        id: keeper
        interval: 250
        onTriggered: root.keepFocus()
    }
    Connections {
        target: root.lastFocused
        function onVisibleChanged(): void {
            keeper.restart();
        }
    }

    // Pages end above the messages, so that these lie over nothing that can be pressed.
    footer: Item {
        implicitHeight: toasts.height > 0 ? toasts.height + Theme.sized(24) : 0
    }

    Repeater {
        id: stack
        model: root.pages

        Loader {
            required property int index
            required property PageEntry modelData
            readonly property bool current: root.page === index

            width: root.contentItem.width
            height: root.contentItem.height
            visible: current
            // Made when first seen, kept with its state afterwards.
            active: current || item !== null
            sourceComponent: modelData.view
            onCurrentChanged: takeKeys()
            onLoaded: takeKeys()

            // Keys that scroll are for what is seen.
            function takeKeys(): void {
                if (!current || !item)
                    return;
                root.shownPage = item as Item;
                root.shownPage.forceActiveFocus(Qt.OtherFocusReason);
            }
        }
    }
    Toasts {
        id: toasts
        parent: T.Overlay.overlay?.parent ?? root.contentItem
        z: 2000000 // above dialogs too
        x: Theme.sized(16)
        y: root.height - height - Theme.sized(12)
        width: root.width - 2 * x
        // A small window keeps most of itself for the page.
        most: Math.max(1, Math.floor(root.height / Theme.sized(200))) * Math.max(1, Math.floor((width + spacing) / (Theme.sized(380) + spacing)))
        toasts: root.app.toasts
    }
    DropArea {
        anchors.fill: parent
        keys: ["text/uri-list", "text/plain"]
        onDropped: drop => {
            root.show(0);
            ((stack.itemAt(0) as Loader)?.item as ModelsPage)?.take(drop.urls, drop.text);
            drop.accept(Qt.CopyAction);
        }

        Rectangle {
            anchors.fill: parent
            anchors.margins: Theme.sized(8)
            visible: parent.containsDrag
            color: Theme.colors.accentSoft
            border.color: Theme.colors.accent
            border.width: 2
            radius: Theme.sized(12)
        }
    }
    // Only where there is a tray: Qt complains of desktops without one.
    Instantiator {
        active: root.app.tray.available
        delegate: TrayIcon {
            models: root.app.models
            loadable: root.app.loadableModels
            server: root.app.server
            closing: root.app.closing
            onOpenAsked: root.bringBack()
            onQuitAsked: root.app.closing.quit()
            onLoadAsked: id => {
                root.bringBack(); // it may ask about memory
                root.app.loadForm.load(id);
            }
        }
    }
    OnDemand {
        id: closeDialog
        sourceComponent: CloseDialog {
            closing: root.app.closing
            tray: root.app.tray.available
            onHideAsked: root.putAway()
        }
    }
    OnDemand {
        id: shortcuts
        sourceComponent: ShortcutsDialog {
            appearance: root.app.appearance
        }
    }

    Instantiator {
        model: Math.min(9, root.pages.length)

        Shortcut {
            required property int index
            sequence: "Ctrl+" + (index + 1)
            onActivated: root.show(index)
        }
    }
    Shortcut {
        sequence: "Ctrl+L"
        onActivated: {
            root.show(0);
            ((stack.itemAt(0) as Loader)?.item as ModelsPage)?.focusRepository();
        }
    }
    Shortcut {
        sequence: "Ctrl+Q"
        onActivated: root.leave()
    }
    Shortcut {
        sequence: "F1"
        onActivated: (shortcuts.made() as ShortcutsDialog).open()
    }
    Binding {
        target: Theme
        property: "shown"
        value: root.app.appearance.shown
    }
    Binding {
        target: Theme
        property: "textScale"
        value: root.app.appearance.textScale
    }
    Binding {
        target: Theme
        property: "motion"
        value: root.app.appearance.motion
    }
}
