import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// A short message; the pointer on it keeps it there.
Rectangle {
    id: toast

    required property int toastId
    required property int kind
    required property string message
    readonly property color tint: kind === ToastList.Kind.Success ? Theme.colors.good : kind === ToastList.Kind.Error ? Theme.colors.bad : kind === ToastList.Kind.Warning ? Theme.colors.warn : Theme.colors.accent

    signal dismissed

    objectName: "toast"
    implicitHeight: row.implicitHeight + Theme.sized(20)
    radius: Theme.sized(10)
    color: Theme.colors.popup
    border.color: tint
    Accessible.role: Accessible.Notification
    Accessible.name: message

    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.sized(14)
        anchors.rightMargin: Theme.sized(6)
        spacing: Theme.sized(10)

        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: Theme.sized(8)
            name: toast.kind === ToastList.Kind.Success ? "check-circle" : toast.kind === ToastList.Kind.Error ? "error" : toast.kind === ToastList.Kind.Warning ? "warning" : "info"
            size: 18
            color: toast.tint
        }
        Label {
            Layout.fillWidth: true
            text: toast.message
            font.pixelSize: Theme.sized(13)
        }
        Button {
            Layout.alignment: Qt.AlignTop
            implicitHeight: Theme.sized(32)
            kind: Button.Kind.Plain
            iconOnly: true
            hint: ""
            glyph: "close"
            text: qsTr("Dismiss")
            onClicked: toast.dismissed()
        }
    }
}
