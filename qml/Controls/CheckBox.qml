pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import MiLLM

/// A box to tick, with its words and a quieter remark beside them.
T.CheckBox {
    id: control

    property color tint: Theme.colors.text
    property string remark: ""
    property string hint: ""

    implicitWidth: Theme.sized(28) + words.implicitWidth
    implicitHeight: Math.max(Theme.sized(20), words.implicitHeight)
    spacing: Theme.sized(10)
    focusPolicy: Qt.StrongFocus
    Accessible.name: text
    Accessible.description: hint !== "" ? hint : remark

    indicator: Rectangle {
        x: control.mirrored ? control.width - width : 0
        y: Math.round((control.height - height) / 2)
        width: Theme.sized(18)
        height: Theme.sized(18)
        radius: Theme.sized(4)
        color: control.checked ? Theme.colors.primaryEnd : Theme.colors.input
        border.color: control.checked ? Theme.colors.primaryEnd : Theme.colors.inputLine

        Icon {
            anchors.centerIn: parent
            name: "check"
            size: 14
            color: Theme.colors.onPrimary
            visible: control.checked
        }
        FocusRing {
            shown: control.visualFocus
            around: Theme.sized(4)
        }
    }
    contentItem: Text {
        id: words
        leftPadding: control.mirrored ? 0 : Theme.sized(28)
        rightPadding: control.mirrored ? Theme.sized(28) : 0
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignLeft
        textFormat: Text.StyledText
        color: control.tint
        font.family: Theme.sans
        font.pixelSize: Theme.sized(13)
        // Both texts are the program's own: no markup comes from outside.
        text: control.remark === "" ? control.text : control.text + " <font color=\"" + Theme.colors.muted + "\">" + control.remark + "</font>"
        Accessible.ignored: true
    }

    Loader {
        active: control.hint !== "" && (control.hovered || control.visualFocus)
        anchors.fill: parent
        sourceComponent: Item {
            ToolTip {
                text: control.hint
                visible: control.hovered || control.visualFocus
            }
        }
    }
}
