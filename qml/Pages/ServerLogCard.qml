pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// The program's last messages, from a level on.
Card {
    id: card

    required property LogList log

    signal copyAsked(string text)

    CardTitle {
        glyph: "info"
        text: qsTr("Log")

        ChoiceBox {
            objectName: "log-level"
            Layout.preferredWidth: Theme.sized(130)
            implicitHeight: Theme.sized(34)
            model: card.log.levels
            chosen: card.log.level
            Accessible.name: qsTr("Messages from this level on")
            onActivated: index => card.log.level = index
        }
        Button {
            objectName: "copy-log-btn"
            implicitHeight: Theme.sized(34)
            iconOnly: true
            glyph: "copy"
            text: qsTr("Copy the log")
            enabled: card.log.count > 0
            onClicked: card.copyAsked(card.log.text())
        }
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("Nothing of that level was told yet.")
        color: Theme.colors.muted
        visible: card.log.count === 0
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: Math.max(Theme.sized(80), Math.min(Theme.sized(320), list.contentHeight + Theme.sized(16)))
        radius: Theme.sized(8)
        color: Theme.colors.input
        border.color: list.activeFocus ? Theme.colors.accent : Theme.colors.itemLine
        visible: card.log.count > 0

        ListView {
            id: list

            property bool following: true

            objectName: "log"
            anchors.fill: parent
            anchors.margins: Theme.sized(8)
            clip: true
            model: card.log
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: true
            keyNavigationEnabled: false
            highlightFollowsCurrentItem: false
            T.ScrollBar.vertical: ScrollBar {}
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Log")

            function scroll(by: real): void {
                contentY = Math.max(originY, Math.min(originY + contentHeight - height, contentY + by));
                following = atYEnd;
            }

            // What a screen reader is told to have the keyboard is a row in sight, the first whole one.
            function mark(): void {
                if (!activeFocus)
                    return;
                const first = Math.max(0, indexAt(1, contentY + 1));
                const cut = (itemAtIndex(first)?.y ?? contentY) < contentY - 1;
                currentIndex = cut && first + 1 < count ? first + 1 : first;
            }

            onActiveFocusChanged: mark()
            onContentYChanged: mark()
            onCountChanged: {
                if (following)
                    Qt.callLater(positionViewAtEnd);
            }
            onMovementEnded: following = atYEnd
            onVisibleChanged: {
                if (following)
                    Qt.callLater(positionViewAtEnd);
            }
            Keys.onPressed: event => {
                const steps = {
                    [Qt.Key_Up]: -Theme.sized(40),
                    [Qt.Key_Down]: Theme.sized(40),
                    [Qt.Key_PageUp]: -height,
                    [Qt.Key_PageDown]: height,
                    [Qt.Key_Home]: -contentHeight,
                    [Qt.Key_End]: contentHeight
                };
                if (steps[event.key] === undefined)
                    return;
                scroll(steps[event.key]);
                event.accepted = true;
            }

            delegate: LogRow {
                transform: Translate {
                    x: Theme.fromRight ? Theme.sized(12) : 0 // the scroll bar's room; the list sets x itself
                }
                width: ListView.view ? ListView.view.width - Theme.sized(12) : 0
            }
        }
        FocusRing {
            shown: list.activeFocus
        }
    }
}
