import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import MiLLM

/// Code of an answer, its lines as they are; long ones scroll sideways.
Rectangle {
    id: block

    required property string text
    required property string language
    required property bool rest // of the block above: without a head
    required property bool reachable // by Tab

    readonly property Item entry: words

    signal copyAsked
    signal leftBackwards // by Shift+Tab

    implicitHeight: column.implicitHeight
    radius: Theme.sized(8)
    topLeftRadius: rest ? 0 : Theme.sized(8)
    topRightRadius: rest ? 0 : Theme.sized(8)
    color: Theme.colors.code
    border.color: Theme.colors.itemLine

    FocusRing {
        objectName: "code-ring"
        shown: words.activeFocus
    }
    ColumnLayout {
        id: column
        width: parent.width
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.leftMargin: Theme.sized(12)
            Layout.rightMargin: Theme.sized(4)
            visible: !block.rest

            Label {
                Layout.fillWidth: true
                text: block.language === "" ? qsTr("Code") : block.language
                color: Theme.colors.label
                font.family: Theme.mono
                font.pixelSize: Theme.tinySize
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
            }
            RowButton {
                objectName: "copy-code-btn"
                reachable: block.reachable
                glyph: "copy"
                text: qsTr("Copy code")
                // Qt passes over the view, which has the focus already, with this.
                Keys.onBacktabPressed: block.leftBackwards()
                onClicked: block.copyAsked()
            }
        }
        Flickable {
            id: scroll
            Layout.fillWidth: true
            Layout.leftMargin: Theme.sized(12)
            Layout.rightMargin: Theme.sized(12)
            Layout.bottomMargin: Theme.sized(10)
            Layout.topMargin: block.rest ? 0 : Theme.sized(2)
            implicitHeight: words.implicitHeight + (contentWidth > width ? Theme.sized(12) : 0)
            contentWidth: words.implicitWidth
            contentHeight: height
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            flickableDirection: Flickable.HorizontalFlick
            T.ScrollBar.horizontal: ScrollBar {}

            ReadText {
                id: words
                objectName: "code"
                ringed: false // it would be cut
                text: block.text
                wrapMode: TextEdit.NoWrap
                font.family: Theme.mono
                font.pixelSize: Theme.sized(13)
            }
        }
    }
}
