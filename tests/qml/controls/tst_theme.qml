import QtQuick
import QtTest
import MiLLM

/// Contrast by WCAG 2.2 of every text colour on every ground it stands on: 4.5 for text, 3 for borders of inputs and the ring.
TestCase {
    name: "Theme"

    function luminance(color) {
        const part = c => c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
        return 0.2126 * part(color.r) + 0.7152 * part(color.g) + 0.0722 * part(color.b);
    }
    function over(top, below) {
        return Qt.rgba(top.r * top.a + below.r * (1 - top.a), top.g * top.a + below.g * (1 - top.a), top.b * top.a + below.b * (1 - top.a), 1);
    }
    function ratio(a, b) {
        const x = luminance(a), y = luminance(b);
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    }
    function themes() {
        return [
            {
                tag: "dark",
                colors: Theme.dark
            },
            {
                tag: "light",
                colors: Theme.light
            },
            {
                tag: "contrast",
                colors: Theme.contrast
            }
        ];
    }
    function grounds(colors) {
        const pages = [colors.pageStart, colors.pageMiddle, colors.pageEnd];
        const list = [];
        for (const page of pages) {
            list.push(page, over(colors.header, page), over(colors.item, page));
            list.push(over(colors.card, page));
            list.push(over(colors.input, over(colors.card, page)));
        }
        list.push(colors.popup, over(colors.input, colors.popup));
        return list;
    }
    function test_text_data() {
        return themes();
    }
    function test_text(data) {
        const colors = data.colors;
        for (const ground of grounds(colors)) {
            for (const name of ["heading", "text", "label", "muted", "accent", "good", "warn", "bad", "purple"])
                verify(ratio(colors[name], ground) >= 4.5, name + " on " + ground + ": " + ratio(colors[name], ground).toFixed(2));
            for (const name of ["inputLine", "focus"])
                verify(ratio(colors[name], ground) >= 3, name + " on " + ground + ": " + ratio(colors[name], ground).toFixed(2));
        }
    }
    function test_tinted_data() {
        return themes();
    }
    function test_tinted(data) {
        const colors = data.colors;
        const pairs = [["accent", "accentSoft"], ["good", "goodSoft"], ["warn", "warnSoft"], ["bad", "badSoft"], ["text", "accentSoft"]];
        for (const ground of grounds(colors)) {
            for (const pair of pairs) {
                const soft = over(colors[pair[1]], ground);
                verify(ratio(colors[pair[0]], soft) >= 4.5, pair[0] + " on " + pair[1] + " on " + ground + ": " + ratio(colors[pair[0]], soft).toFixed(2));
            }
        }
    }
    /// What is disabled is drawn fainter, text and ground alike, and is still read.
    function test_disabled_data() {
        return themes();
    }
    function test_disabled(data) {
        const colors = data.colors;
        const faint = (color, ground) => over(Qt.rgba(color.r, color.g, color.b, color.a * Theme.disabledOpacity), ground);
        for (const ground of grounds(colors)) {
            for (const field of [ground, faint(colors.input, ground)]) {
                const words = faint(colors.text, field);
                verify(ratio(words, field) >= 4.5, "text on " + field + ": " + ratio(words, field).toFixed(2));
            }
        }
    }
    function test_primary_data() {
        return themes();
    }
    function test_primary(data) {
        for (const end of ["primaryStart", "primaryEnd"])
            verify(ratio(data.colors.onPrimary, data.colors[end]) >= 4.5, end + ": " + ratio(data.colors.onPrimary, data.colors[end]).toFixed(2));
    }
}
