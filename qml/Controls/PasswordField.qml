import QtQuick
import MiLLM

/// A secret, hidden until its eye is pressed.
TextField {
    id: control

    property bool revealed: false
    property string showText: qsTr("Show the token")
    property string hideText: qsTr("Hide the token")

    leftPadding: Theme.fromRight ? Theme.sized(48) : Theme.sized(14)
    rightPadding: Theme.fromRight ? Theme.sized(14) : Theme.sized(48)
    echoMode: revealed ? TextInput.Normal : TextInput.Password
    // Of what it marks itself, Qt hides the name as well; that this is a secret is told by the echo mode.
    Accessible.onPasswordEditChanged: Accessible.passwordEdit = false
    inputMethodHints: Qt.ImhSensitiveData | Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText

    Button {
        anchors.right: parent.right
        anchors.rightMargin: Theme.sized(4)
        anchors.verticalCenter: parent.verticalCenter
        implicitHeight: Theme.sized(32)
        kind: Button.Kind.Plain
        iconOnly: true
        glyph: control.revealed ? "eye-off" : "eye"
        text: control.revealed ? control.hideText : control.showText
        onClicked: control.revealed = !control.revealed
    }
}
