import QtQuick
import QtQuick.Templates as T
import MiLLM

/// One line of input. `faulty` paints the border red; the words of the fault stand in the Field around it.
T.TextField {
    id: control

    property bool faulty: false
    property string described: placeholderText // by a screen reader, beside its name

    implicitWidth: Theme.sized(200)
    implicitHeight: Theme.sized(38)
    leftPadding: Theme.sized(14)
    rightPadding: Theme.sized(14)
    topPadding: Theme.sized(10)
    bottomPadding: Theme.sized(10)
    color: Theme.colors.text
    placeholderTextColor: Theme.colors.muted
    selectionColor: Theme.colors.accent
    selectedTextColor: Theme.colors.popup
    selectByMouse: true
    verticalAlignment: TextInput.AlignVCenter
    font.family: Theme.sans
    font.pixelSize: Theme.bodySize
    activeFocusOnTab: true
    Accessible.description: described
    // Qt writes the placeholder over it when a screen reader comes.
    Accessible.onDescriptionChanged: {
        if (Accessible.description !== described)
            Accessible.description = Qt.binding(() => described);
    }

    Label {
        x: control.leftPadding
        width: control.width - control.leftPadding - control.rightPadding
        height: control.height
        verticalAlignment: Text.AlignVCenter
        text: control.placeholderText
        color: control.placeholderTextColor
        elide: Text.ElideRight
        wrapMode: Text.NoWrap
        visible: control.length === 0 && control.preeditText === ""
        Accessible.ignored: true
    }

    background: Rectangle {
        radius: Theme.sized(8)
        color: Theme.colors.input
        opacity: control.enabled ? 1 : 0.55
        border.width: 1
        border.color: control.faulty ? Theme.colors.bad : control.activeFocus ? Theme.colors.accent : Theme.colors.inputLine

        FocusRing {
            shown: control.activeFocus
        }
    }
}
