pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// Before the window goes while something is under way: what that is, and how it shall end.
Dialog {
    id: dialog

    required property Closing closing
    property bool tray: false // there is one, where the program stays in sight

    signal hideAsked

    objectName: "close-dialog"
    title: qsTr("Close miLLM?")
    glyph: "info"
    wanted: Theme.sized(560)
    initialFocus: stay

    buttons: [
        Button {
            id: stay
            objectName: "dialog-cancel-btn"
            text: qsTr("Cancel")
            onClicked: dialog.reject()
        },
        Button {
            objectName: "close-stop-btn"
            kind: Button.Kind.Danger
            text: qsTr("Stop and quit")
            onClicked: {
                dialog.accept();
                dialog.closing.quit();
            }
        },
        Button {
            objectName: "close-finish-btn"
            text: qsTr("Finish, then quit")
            visible: dialog.closing.endsByItself
            onClicked: {
                dialog.accept();
                dialog.hideAsked();
                dialog.closing.finish();
            }
        },
        Button {
            objectName: "close-hide-btn"
            kind: Button.Kind.Primary
            text: dialog.tray ? qsTr("Keep running") : qsTr("Minimize")
            onClicked: {
                dialog.accept();
                dialog.hideAsked();
            }
        }
    ]

    Label {
        Layout.fillWidth: true
        text: qsTr("This is under way:")
    }
    Repeater {
        model: dialog.closing.work

        Label {
            required property string modelData

            objectName: "close-work"
            Layout.fillWidth: true
            Layout.leftMargin: Theme.sized(12)
            text: "• " + modelData
            Accessible.name: modelData
        }
    }
    Label {
        Layout.fillWidth: true
        color: Theme.colors.label
        font.pixelSize: Theme.smallSize
        text: dialog.tray ? qsTr("“Keep running” hides the window; the icon in the tray brings it back. Downloads that are stopped go on when they are tried again.") : qsTr("“Minimize” keeps everything going. Downloads that are stopped go on when they are tried again.")
    }
}
