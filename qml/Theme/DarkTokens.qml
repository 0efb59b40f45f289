import QtQuick

/// The mockup's colours; small muted text and the input's border lightened to their AA ratios.
Tokens {
    pageStart: "#0a0f1a"
    pageMiddle: "#0f172a"
    pageEnd: "#0a1628"
    header: Qt.rgba(15 / 255, 23 / 255, 42 / 255, 0.95)
    headerLine: Qt.rgba(56 / 255, 189 / 255, 248 / 255, 0.1)
    card: Qt.rgba(15 / 255, 23 / 255, 42 / 255, 0.6)
    cardLine: Qt.rgba(56 / 255, 189 / 255, 248 / 255, 0.1)
    item: Qt.rgba(30 / 255, 41 / 255, 59 / 255, 0.3)
    itemLine: Qt.rgba(71 / 255, 85 / 255, 105 / 255, 0.3)
    popup: "#0f172a"
    popupLine: Qt.rgba(56 / 255, 189 / 255, 248 / 255, 0.25)
    scrim: Qt.rgba(2 / 255, 6 / 255, 17 / 255, 0.7)
    input: Qt.rgba(30 / 255, 41 / 255, 59 / 255, 0.5)
    inputLine: "#5b6b82"
    code: "#1b2740"
    track: Qt.rgba(71 / 255, 85 / 255, 105 / 255, 0.4)

    heading: "#f1f5f9"
    text: "#e2e8f0"
    label: "#94a3b8"
    muted: "#8a9bb3"

    accent: "#22d3ee"
    accentSoft: Qt.rgba(34 / 255, 211 / 255, 238 / 255, 0.1)
    accentLine: Qt.rgba(34 / 255, 211 / 255, 238 / 255, 0.35)
    good: "#4ade80"
    goodSoft: Qt.rgba(34 / 255, 197 / 255, 94 / 255, 0.15)
    goodLine: Qt.rgba(34 / 255, 197 / 255, 94 / 255, 0.35)
    warn: "#fbbf24"
    warnSoft: Qt.rgba(251 / 255, 191 / 255, 36 / 255, 0.13)
    warnLine: Qt.rgba(251 / 255, 191 / 255, 36 / 255, 0.35)
    bad: "#f87171"
    badSoft: Qt.rgba(239 / 255, 68 / 255, 68 / 255, 0.13)
    badLine: Qt.rgba(239 / 255, 68 / 255, 68 / 255, 0.35)
    purple: "#c084fc"

    primaryStart: "#0891b2"
    primaryEnd: "#06b6d4"
    onPrimary: "#03131b"
    tileStart: "#06b6d4"
    tileEnd: "#0891b2"
    onTile: "#ffffff"
    focus: "#22d3ee"
    hover: Qt.rgba(148 / 255, 163 / 255, 184 / 255, 0.1)
}
