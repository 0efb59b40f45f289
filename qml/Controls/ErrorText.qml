import QtQuick
import MiLLM

/// What is wrong, in red; spoken as soon as it is there.
Label {
    color: Theme.colors.bad
    font.pixelSize: Theme.smallSize
    visible: text !== ""
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text
    onTextChanged: words => {
        if (words !== "")
            Accessible.announce(words, Accessible.Assertive);
    }
}
