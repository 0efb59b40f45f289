pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// What other programs ask: under way, and the last ones that ended.
Card {
    id: card

    required property ServerPanel panel

    component Requests: ListView {
        id: list

        required property RequestList requests
        required property string words
        property bool stoppable: false
        property Item heir: null // gets the focus where the last row goes with it
        property bool held: false

        function letGo(): void {
            if (visible)
                held = false;
        }

        Layout.fillWidth: true
        implicitHeight: Math.min(contentHeight, Theme.sized(360))
        visible: count > 0
        clip: true
        spacing: Theme.sized(6)
        model: requests
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        keyNavigationEnabled: true
        onActiveFocusChanged: {
            if (activeFocus)
                held = true;
            else
                Qt.callLater(letGo);
        }
        onVisibleChanged: {
            if (!visible && held && heir)
                Qt.callLater(heir.forceActiveFocus, Qt.TabFocusReason);
            held = false;
        }
        T.ScrollBar.vertical: ScrollBar {}
        Accessible.role: Accessible.List
        Accessible.name: words

        delegate: RequestRow {
            transform: Translate {
                x: Theme.fromRight ? Theme.sized(12) : 0 // the scroll bar's room; the list sets x itself
            }
            width: ListView.view ? ListView.view.width - Theme.sized(12) : 0
            current: ListView.isCurrentItem && list.activeFocus
            stoppable: list.stoppable
            onStopAsked: card.panel.stopRequest(requestId)
        }
    }

    CardTitle {
        glyph: "link"
        text: qsTr("Requests")
    }
    Label {
        objectName: "under-way-heading"
        Layout.fillWidth: true
        text: card.panel.underWay.count === 0 ? qsTr("None is under way.") : qsTr("Under way: %1").arg(NumberText.shown(card.panel.underWay.count, 0))
        color: Theme.colors.label
        font.pixelSize: Theme.sized(13)
    }
    Requests {
        objectName: "under-way"
        requests: card.panel.underWay
        words: qsTr("Requests under way")
        stoppable: true
        heir: ended
    }
    Label {
        objectName: "ended-heading"
        Layout.fillWidth: true
        text: card.panel.ended.count === 0 ? qsTr("No program has asked yet. Health checks and event listeners are not counted here.") : qsTr("The last %Ln:", "", card.panel.ended.count)
        color: Theme.colors.label
        font.pixelSize: Theme.sized(13)
    }
    Requests {
        id: ended
        objectName: "ended"
        requests: card.panel.ended
        words: qsTr("Requests that have ended")
    }
}
