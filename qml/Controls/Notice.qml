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

    implicitHeight: row.implicitHeight + 20
    radius: 8
    color: soft
    border.color: Theme.colors === Theme.contrast ? tint : "transparent"
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: 12
        spacing: 10

        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 1
            name: notice.glyph
            color: notice.tint
        }
        Label {
            Layout.fillWidth: true
            text: notice.text
            color: notice.tint
            font.pixelSize: 13
            Accessible.ignored: true
        }
    }
}
