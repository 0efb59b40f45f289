import QtQuick

/// The colours a theme has to name. One object of this kind is a theme.
QtObject {
    required property color pageStart
    required property color pageMiddle
    required property color pageEnd
    required property color header
    required property color headerLine
    required property color card
    required property color cardLine
    required property color item
    required property color itemLine
    required property color popup
    required property color popupLine
    required property color scrim
    required property color input
    required property color inputLine
    required property color code
    required property color track

    required property color heading
    required property color text
    required property color label
    required property color muted

    required property color accent
    required property color accentSoft
    required property color accentLine
    required property color good
    required property color goodSoft
    required property color goodLine
    required property color warn
    required property color warnSoft
    required property color warnLine
    required property color bad
    required property color badSoft
    required property color badLine
    required property color purple

    required property color primaryStart
    required property color primaryEnd
    required property color onPrimary
    required property color tileStart
    required property color tileEnd
    required property color onTile
    required property color focus
    required property color hover
}
