import QtQuick
import MiLLM

/// What is wrong, in red; spoken once it stays: not at each letter of what is still being typed.
Label {
    id: error

    property bool aloud: true

    color: Theme.colors.bad
    font.pixelSize: Theme.smallSize
    visible: text !== ""
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text
    onTextChanged: settled.restart()

    function speak(): void {
        if (aloud && text !== "")
            Accessible.announce(text, Accessible.Assertive);
    }

    Timer {
        id: settled
        interval: 700
        onTriggered: error.speak()
    }
}
