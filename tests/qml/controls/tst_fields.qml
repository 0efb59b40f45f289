import QtQuick
import QtTest
import MiLLM

Item {
    id: root
    width: 400
    height: 300

    Field {
        id: field
        width: 300
        label: "Repository"

        TextField {
            id: input
            implicitWidth: 300
            faulty: field.error !== ""
        }
    }
    PasswordField {
        id: secret
        y: 120
        width: 300
    }
    NumberField {
        id: number
        y: 200
        value: root.temperature
        decimals: 2
        from: 0
        to: 2
        onEntered: value => root.temperature = value
    }
    property double temperature: 0.7

    TestCase {
        name: "Fields"
        when: windowShown

        function test_errorBelow() {
            const before = field.implicitHeight;
            field.error = "owner/name expected";
            tryVerify(() => field.implicitHeight > before);
            field.error = "";
            tryCompare(field, "implicitHeight", before);
        }
        function test_reveal() {
            secret.text = "hf_secret";
            compare(secret.echoMode, TextInput.Password);
            verify(secret.displayText !== "hf_secret");
            mouseClick(secret, secret.width - 20, secret.height / 2);
            compare(secret.displayText, "hf_secret");
            mouseClick(secret, secret.width - 20, secret.height / 2);
            compare(secret.echoMode, TextInput.Password);
        }
        function test_number_data() {
            return [
                {
                    tag: "plain",
                    typed: "1.25",
                    becomes: 1.25
                },
                {
                    tag: "comma",
                    typed: "0,5",
                    becomes: 0.5
                },
                {
                    tag: "too much",
                    typed: "9",
                    becomes: 2
                },
                {
                    tag: "nothing",
                    typed: "",
                    becomes: 0.7
                },
                {
                    tag: "no number",
                    typed: "warm",
                    becomes: 0.7
                }
            ];
        }
        function test_number(data) {
            root.temperature = 0.7;
            number.forceActiveFocus();
            number.text = data.typed;
            keyClick(Qt.Key_Return);
            fuzzyCompare(root.temperature, data.becomes, 1e-6);
            compare(number.text, data.becomes.toFixed(2));
        }
        function test_numberSteps() {
            root.temperature = 0.7;
            number.forceActiveFocus();
            keyClick(Qt.Key_Up);
            fuzzyCompare(root.temperature, 0.8, 1e-6);
            compare(number.text, "0.80");
        }
    }
}
