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
