pragma ComponentBehavior: Bound
import QtQuick
import MiLLM
import MiLLM.Ui

/// The messages at the top right; each is spoken once, errors at once.
Column {
    id: stack

    required property ToastList toasts

    function say(kind: int, text: string): void {
        Accessible.announce(text, kind === ToastList.Kind.Error ? Accessible.Assertive : Accessible.Polite);
    }

    spacing: 8

    Repeater {
        model: stack.toasts

        Toast {
            id: toast
            width: stack.width
            onDismissed: stack.toasts.dismiss(toast.toastId)
        }
    }
    HoverHandler {
        onHoveredChanged: stack.toasts.hold(hovered)
    }
    Connections {
        target: stack.toasts
        function onAnnounced(kind: int, text: string): void {
            stack.say(kind, text);
        }
    }
}
