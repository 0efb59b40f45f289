import QtQuick

/// Something that most starts never need, such as a dialog: made when it is asked for, kept afterwards.
Loader {
    active: false

    function made(): QtObject {
        active = true;
        return item;
    }
}
