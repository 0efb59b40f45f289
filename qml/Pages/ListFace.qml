import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// What stands where the list would be: it is loading, it is empty, or it could not be read.
Rectangle {
    id: box

    required property int face
    required property string failure
    required property string sampleRepo

    signal sampleAsked

    implicitHeight: column.implicitHeight + Theme.sized(64)
    radius: Theme.sized(10)
    color: Theme.colors.item
    border.color: Theme.colors.itemLine

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Theme.sized(24)
        spacing: Theme.sized(12)

        Spinner {
            Layout.alignment: Qt.AlignHCenter
            size: 28
            color: Theme.colors.accent
            running: box.face === ModelList.Face.Loading
        }
        Icon {
            Layout.alignment: Qt.AlignHCenter
            name: box.face === ModelList.Face.Error ? "error" : "server"
            size: 32
            color: box.face === ModelList.Face.Error ? Theme.colors.bad : Theme.colors.muted
            visible: box.face !== ModelList.Face.Loading
        }
        Label {
            objectName: "list-face"
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: box.face === ModelList.Face.Loading ? qsTr("Reading your models…") : box.face === ModelList.Face.Error ? box.failure : qsTr("No models yet. Enter a repository above, or start with a small one to see how it works.")
            color: box.face === ModelList.Face.Error ? Theme.colors.bad : Theme.colors.label
        }
        Button {
            objectName: "sample-btn"
            Layout.alignment: Qt.AlignHCenter
            kind: Button.Kind.Accent
            glyph: "download"
            text: qsTr("Try a small model")
            Accessible.description: box.sampleRepo // which stands below
            visible: box.face === ModelList.Face.Empty && box.sampleRepo !== ""
            onClicked: box.sampleAsked()
        }
        Label {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: box.sampleRepo
            visible: box.face === ModelList.Face.Empty
            color: Theme.colors.muted
            font.family: Theme.mono
            font.pixelSize: Theme.tinySize
            wrapMode: Text.WrapAnywhere
        }
    }
}
