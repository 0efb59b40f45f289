import QtQuick
import QtTest
import MiLLM

Item {
    id: root
    width: 700
    height: 300

    Notice {
        id: notice
        objectName: "notice"
        width: 690
        text: "In short."
        action: "Help"
    }

    TestCase {
        name: "Notice"
        when: windowShown

        function part(is: var): Item {
            const left = [notice];
            while (left.length > 0) {
                const item = left.pop();
                if (is(item))
                    return item;
                left.push(...item.children);
            }
            return null;
        }
        function middle(item: Item): real {
            return item.mapToItem(notice, 0, item.height / 2).y;
        }

        /// The icon stands beside one line, and at the first of more.
        function test_iconBesideItsLine() {
            const icon = part(item => item instanceof Icon && item.name === notice.glyph);
            const words = part(item => item instanceof Label && item.text === notice.text);
            tryVerify(() => Math.abs(middle(icon) - middle(words)) < 2);
            notice.text = "One sentence after the other, and none of them short, so that they take more than a line. ".repeat(3);
            tryVerify(() => words.lineCount > 1);
            tryVerify(() => middle(icon) < middle(words) - 5);
        }
    }
}
