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
                    memoryWarning: root.app.memoryWarning
                }
            }
        },
        PageEntry {
            title: qsTr("Chat")
            glyph: "chat"
            view: Component {
                ChatPage {
                    chat: root.app.chat
                    onModelsAsked: root.show(0)
                }
            }
        }
    ]

    function show(index: int): void {
        page = index;
        // Who goes to the chat goes to write.
        ((stack.itemAt(index) as Loader)?.item as ChatPage)?.focusMessage();
    }

    width: 1280
    height: 800
    minimumWidth: 320
    minimumHeight: 400
    visible: true
    title: app.demo ? qsTr("miLLM (demo)") : "miLLM"
    color: Theme.colors.pageMiddle

    background: PageGround {}
    header: Header {
        system: root.app.system
        server: root.app.server
        loadedName: root.app.models.loadedName
        pages: root.pages
        current: root.page
        onPagePicked: index => root.show(index)
        onHelpAsked: shortcuts.open()
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
        }
    }
    Toasts {
        parent: T.Overlay.overlay?.parent ?? root.contentItem
        z: 2000000 // above dialogs too
        x: root.width - width - 16
        y: 80
        width: Math.min(380, root.width - 32)
        toasts: root.app.toasts
    }
    ShortcutsDialog {
        id: shortcuts
        appearance: root.app.appearance
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
        sequence: "F1"
        onActivated: shortcuts.open()
    }
    Binding {
        target: Theme
        property: "shown"
        value: root.app.appearance.shown
    }
    Binding {
        target: Theme
        property: "motion"
        value: root.app.appearance.motion
    }
}
