import QtQuick
import MiLLM

/// A secret, hidden until its eye is pressed.
TextField {
    id: control

    property bool revealed: false

    rightPadding: 48
    echoMode: revealed ? TextInput.Normal : TextInput.Password
    inputMethodHints: Qt.ImhSensitiveData | Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText

    Button {
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        implicitHeight: 32
        kind: Button.Kind.Plain
        iconOnly: true
        glyph: control.revealed ? "eye-off" : "eye"
        text: control.revealed ? qsTr("Hide the token") : qsTr("Show the token")
        onClicked: control.revealed = !control.revealed
    }
}
