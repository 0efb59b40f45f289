import QtQuick

/// Nothing is told by a shade: black, white, and colours of at least 10:1 on black; every surface has a white border.
Tokens {
    pageStart: "#000000"
    pageMiddle: "#000000"
    pageEnd: "#000000"
    header: "#000000"
    headerLine: "#ffffff"
    card: "#000000"
    cardLine: "#ffffff"
    item: "#000000"
    itemLine: "#ffffff"
    popup: "#000000"
    popupLine: "#ffffff"
    scrim: Qt.rgba(0, 0, 0, 0.8)
    input: "#000000"
    inputLine: "#ffffff"
    code: "#1c1c1c"
    track: "#4d4d4d"

    heading: "#ffffff"
    text: "#ffffff"
    label: "#ffffff"
    muted: "#e6e6e6"

    accent: "#5ff0ff"
    accentSoft: "#000000"
    accentLine: "#5ff0ff"
    good: "#6dff9b"
    goodSoft: "#000000"
    goodLine: "#6dff9b"
    warn: "#ffd75e"
    warnSoft: "#000000"
    warnLine: "#ffd75e"
    bad: "#ffa8a8"
    badSoft: "#000000"
    badLine: "#ffa8a8"
    purple: "#e2bfff"

    primaryStart: "#5ff0ff"
    primaryEnd: "#5ff0ff"
    onPrimary: "#000000"
    tileStart: "#5ff0ff"
    tileEnd: "#5ff0ff"
    onTile: "#000000"
    focus: "#ffff00"
    hover: "#333333"
}
