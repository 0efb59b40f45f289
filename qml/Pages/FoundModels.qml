pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// What a search found, below the box that it was typed in. The keyboard's focus stays there.
T.Popup {
    id: popup

    required property HubSearch search
    readonly property bool asked: search.open

    signal taken(string repoId)

    objectName: "found-models"
    padding: Theme.sized(4)
    margins: Theme.sized(8)
    bottomMargin: margins + (T.ApplicationWindow.footer?.height ?? 0) // above the messages
    height: Math.min((search.message === "" ? list.contentHeight : note.implicitHeight) + 2 * padding, Theme.sized(380))
    focus: false
    closePolicy: T.Popup.CloseOnPressOutsideParent
    onAskedChanged: asked ? open() : close()
    onClosed: search.close()

    contentItem: Item {
        ListView {
            id: list

            function say(text: string): void {
                Accessible.announce(text, Accessible.Polite);
            }

            width: parent.width
            height: parent.height
            clip: true
            model: popup.search
            currentIndex: popup.search.current
            highlightMoveDuration: 0
            visible: count > 0
            keyNavigationEnabled: false
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Models on the Hub")
            T.ScrollBar.vertical: ScrollBar {}

            delegate: FoundRow {
                id: row
                width: ListView.view.width
                highlighted: ListView.isCurrentItem
                onClicked: popup.taken(row.repoId)
            }
        }
        Label {
            id: note
            objectName: "found-message"
            width: parent.width
            padding: Theme.sized(10)
            text: popup.search.message
            visible: text !== ""
            color: popup.search.face === HubSearch.Face.Failed ? Theme.colors.bad : Theme.colors.label
        }
    }
    background: Rectangle {
        radius: Theme.sized(8)
        color: Theme.colors.popup
        border.color: Theme.colors.popupLine
    }
    Connections {
        target: popup.search
        function onAnnounced(text: string): void {
            list.say(text);
        }
    }
}
