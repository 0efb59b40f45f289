import QtQuick
import MiLLM

/// A small button of a row of the conversation. Tab comes to it where the keyboard is at that row.
Button {
    required property bool reachable

    implicitHeight: Theme.sized(28)
    kind: Button.Kind.Plain
    iconOnly: true
    focusPolicy: reachable || activeFocus ? Qt.StrongFocus : Qt.ClickFocus
}
