import QtQuick

/// A row of the page list.
QtObject {
    required property string title
    required property string glyph
    required property Component view
}
