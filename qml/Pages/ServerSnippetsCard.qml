pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM
import MiLLM.Ui

/// What clients are told, ready to be copied.
Card {
    id: card

    required property ClientSnippets snippets
    property int current: 0
    property string shown: snippets.shown(current)
    readonly property string title: snippets.titles[current] ?? ""

    signal copyAsked(string text)

    Connections {
        target: card.snippets
        function onChanged(): void {
            card.shown = Qt.binding(() => card.snippets.shown(card.current));
        }
    }

    CardTitle {
        glyph: "terminal"
        text: qsTr("Use it from other programs")

        Button {
            objectName: "copy-snippet-btn"
            implicitHeight: Theme.sized(34)
            kind: Button.Kind.Accent
            glyph: "copy"
            text: qsTr("Copy")
            enabled: card.shown !== ""
            Accessible.description: card.title
            onClicked: card.copyAsked(card.snippets.text(card.current))
        }
    }
    RadioRow {
        objectName: "snippet-choice"
        Layout.fillWidth: true
        texts: card.snippets.titles
        current: card.current
        onPicked: index => card.current = index
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: code.contentHeight + Theme.sized(24)
        radius: Theme.sized(8)
        color: Theme.colors.input
        border.color: code.activeFocus ? Theme.colors.accent : Theme.colors.itemLine

        T.TextArea {
            id: code
            objectName: "snippet"
            anchors.fill: parent
            padding: Theme.sized(12)
            readOnly: true
            activeFocusOnTab: true
            text: card.shown === "" ? qsTr("The server does not run.") : card.shown
            color: card.shown === "" ? Theme.colors.muted : Theme.colors.text
            font.family: Theme.mono
            font.pixelSize: Theme.smallSize
            wrapMode: TextEdit.WrapAnywhere
            textFormat: TextEdit.PlainText
            selectionColor: Theme.colors.accent
            selectedTextColor: Theme.colors.popup
            KeyNavigation.priority: KeyNavigation.BeforeItem
            Accessible.name: qsTr("Example: %1").arg(card.title)
        }
        FocusRing {
            shown: code.activeFocus
        }
    }
}
