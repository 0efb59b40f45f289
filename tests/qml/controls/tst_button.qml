import QtQuick
import QtTest
import MiLLM

Item {
    id: root
    width: 400
    height: 200

    Button {
        id: button
        text: "Load"
        glyph: "play"
    }
    Button {
        id: small
        y: 60
        text: "Delete"
        glyph: "trash"
        iconOnly: true
    }
    Icon {
        id: icon
        name: "play"
        size: 20
    }
    ProgressBar {
        id: bar
        y: 120
        indeterminate: true
    }
    SignalSpy {
        id: clicked
        target: button
        signalName: "clicked"
    }

    TestCase {
        name: "Button"
        when: windowShown

        function init() {
            button.enabled = true;
            clicked.clear();
        }
        /// What cannot be pressed can be read all the same.
        function test_disabledIsReadable() {
            for (const kind of [Button.Kind.Outline, Button.Kind.Primary, Button.Kind.Accent, Button.Kind.Danger, Button.Kind.Plain]) {
                button.kind = kind;
                button.enabled = false;
                compare(button.opacity, 1);
                compare(button.background.color.a, 0);
                compare(button.tint, Theme.colors.muted); // whose contrast the theme's test holds
            }
            button.kind = Button.Kind.Outline;
        }
        function test_hiddenWithTheFocus() {
            button.heir = small;
            button.forceActiveFocus(Qt.TabFocusReason);
            verify(button.activeFocus);
            button.enabled = false;
            tryCompare(small, "activeFocus", true);
            verify(small.visualFocus);
            // Whoever went away on purpose is left alone.
            button.enabled = true;
            button.forceActiveFocus(Qt.TabFocusReason);
            root.forceActiveFocus();
            wait(0);
            button.enabled = false;
            wait(0);
            verify(!small.activeFocus);
            button.heir = null;
        }
        function test_iconKeepsItsSize() {
            compare(icon.implicitWidth, 20);
            compare(icon.implicitHeight, 20);
        }
        function test_unknownProgressMoves() {
            const part = bar.contentItem.children[0];
            const before = part.x;
            tryVerify(() => Math.abs(part.x - before) > 20);
        }
        function test_keyboard_data() {
            return [
                {
                    tag: "Space",
                    key: Qt.Key_Space
                },
                {
                    tag: "Return",
                    key: Qt.Key_Return
                },
                {
                    tag: "Enter",
                    key: Qt.Key_Enter
                }
            ];
        }
        function test_keyboard(data) {
            button.forceActiveFocus(Qt.TabFocusReason);
            verify(button.visualFocus);
            keyClick(data.key);
            compare(clicked.count, 1);
        }
        function test_disabled() {
            button.enabled = false;
            mouseClick(button);
            compare(clicked.count, 0);
        }
        function test_words() {
            compare(button.Accessible.name, "Load");
            compare(small.Accessible.name, "Delete");
            compare(small.width, small.height);
            verify(button.width > 70);
        }
        function test_tab() {
            button.forceActiveFocus(Qt.TabFocusReason);
            keyClick(Qt.Key_Tab);
            verify(small.activeFocus);
            keyClick(Qt.Key_Backtab);
            verify(button.activeFocus);
        }
    }
}
