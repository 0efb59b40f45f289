import QtQuick

Tokens {
    pageStart: "#f8fafc"
    pageMiddle: "#f1f5f9"
    pageEnd: "#ecf4f8"
    header: Qt.rgba(1, 1, 1, 0.95)
    headerLine: "#cbd5e1"
    card: "#ffffff"
    cardLine: "#cfdbe6"
    item: "#ffffff"
    itemLine: "#cbd5e1"
    popup: "#ffffff"
    popupLine: "#b6c4d4"
    scrim: Qt.rgba(15 / 255, 23 / 255, 42 / 255, 0.45)
    input: "#f8fafc"
    inputLine: "#718096"
    code: "#e6ebf2"
    track: "#d5dee8"

    heading: "#0f172a"
    text: "#1e293b"
    label: "#475569"
    muted: "#526075"

    accent: "#0b6b86"
    accentSoft: Qt.rgba(8 / 255, 145 / 255, 178 / 255, 0.1)
    accentLine: Qt.rgba(14 / 255, 116 / 255, 144 / 255, 0.55)
    good: "#166534"
    goodSoft: Qt.rgba(34 / 255, 197 / 255, 94 / 255, 0.14)
    goodLine: Qt.rgba(22 / 255, 101 / 255, 52 / 255, 0.45)
    warn: "#92400e"
    warnSoft: Qt.rgba(245 / 255, 158 / 255, 11 / 255, 0.14)
    warnLine: Qt.rgba(146 / 255, 64 / 255, 14 / 255, 0.45)
    bad: "#b91c1c"
    badSoft: Qt.rgba(239 / 255, 68 / 255, 68 / 255, 0.09)
    badLine: Qt.rgba(185 / 255, 28 / 255, 28 / 255, 0.45)
    purple: "#7e22ce"

    primaryStart: "#0e7490"
    primaryEnd: "#0b7f9c"
    onPrimary: "#ffffff"
    tileStart: "#0e7490"
    tileEnd: "#0b7f9c"
    onTile: "#ffffff"
    focus: "#0e7490"
    hover: Qt.rgba(71 / 255, 85 / 255, 105 / 255, 0.1)
}
