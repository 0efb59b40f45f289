import QtQuick
import QtQuick.Layouts
import MiLLM

/// A remark that stays: an icon and a sentence in a tinted box.
Rectangle {
    id: notice

    required property string text
    property string glyph: "info"
    property color tint: Theme.colors.accent
    property color soft: Theme.colors.accentSoft
    property string action: "" // the words of a button that helps
    property Item heir: null // gets the focus of that button where it goes

    signal acted

    implicitHeight: row.implicitHeight + Theme.sized(20)
    radius: Theme.sized(8)
    color: soft
    border.color: Theme.colors === Theme.contrast ? tint : "transparent"
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    GridLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Theme.sized(12)
        columns: notice.action === "" || notice.width < Theme.narrow ? 2 : 3
        columnSpacing: Theme.sized(10)
        rowSpacing: Theme.sized(10)

        Icon {
            Layout.alignment: words.lineCount > 1 ? Qt.AlignTop : Qt.AlignVCenter
            Layout.topMargin: words.lineCount > 1 ? 1 : 0
            name: notice.glyph
            color: notice.tint
        }
        Label {
            id: words
            Layout.fillWidth: true
            text: notice.text
            color: notice.tint
            font.pixelSize: Theme.sized(13)
            Accessible.ignored: true
        }
        Button {
            objectName: notice.objectName + "-btn"
            implicitHeight: Theme.sized(30)
            Layout.column: row.columns === 3 ? 2 : 1
            Layout.row: row.columns === 3 ? 0 : 1
            text: notice.action
            heir: notice.heir
            visible: notice.action !== ""
            onClicked: notice.acted()
        }
    }
}
