#pragma once

#include <QList>
#include <QString>

namespace millm {

/// A piece of a message that is shown as one item.
struct TextBlock {
    enum class Kind : quint8 { Plain, Rich, Code };
    Kind kind = Kind::Plain;
    QString text;           ///< as a person copies it and a screen reader says it
    QString rich = {};      ///< Rich: in the tags of HTML that Qt's rich text knows; nothing in it is fetched
    QString language = {};  ///< Code: as its fence names it
    /// Whether it is the rest of the block before, which was too long for one item: from a new line on, or from inside of one.
    enum class Rest : quint8 { None, OfLines, OfLine } rest = Rest::None;

    bool operator==(const TextBlock &) const = default;
};

/// CommonMark with tables, strike-through, task lists, bare links and formulas ($…$, \(…\)), which stay as they are written.
/// Raw HTML is text; pictures are their descriptions; links lead to http, https and mailto alone. What is nested or wide beyond
/// reason comes back as it is, plain.
QList<TextBlock> markdownBlocks(const QString &text);

}  // namespace millm
