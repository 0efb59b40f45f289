pragma ComponentBehavior: Bound
import QtQuick
import MiLLM
import MiLLM.Ui

/// The messages, side by side where there is room; each is spoken once, errors at once.
Flow {
    id: stack

    required property ToastList toasts
    property int most: 5 // of those that there are, the newest

    function say(kind: int, text: string): void {
        Accessible.announce(text, kind === ToastList.Kind.Error ? Accessible.Assertive : Accessible.Polite);
    }

    spacing: Theme.sized(8)
    layoutDirection: Qt.RightToLeft

    Repeater {
        id: list
        model: stack.toasts

        Toast {
            id: toast
            required property int index
            visible: index >= list.count - stack.most
            width: Math.min(Theme.sized(380), stack.width)
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
