#include "ui/text_blocks.h"

#include <QRegularExpression>

namespace millm {

namespace {

// What an item of the list may hold before its layout takes longer than a frame.
constexpr qsizetype longText = 4000, longPlain = 1500, longLine = 8000;
constexpr qsizetype longCode = 6000;

bool isListItem(const QString &line) {
    static const QRegularExpression mark(QStringLiteral("^ {0,3}([-*+]|\\d{1,9}[.)])(\\s|$)"));
    return mark.match(line).hasMatch();
}

/// The marks that open a block of code, and its language.
std::pair<QString, QString> openedFence(const QString &line) {
    static const QRegularExpression fence(QStringLiteral("^ {0,3}(`{3,}|~{3,})([^`]*)$"));
    const auto match = fence.match(line);
    return match.hasMatch() ? std::pair(match.captured(1), match.captured(2).trimmed().section(u' ', 0, 0))
                            : std::pair<QString, QString>();
}

bool closesFence(const QString &line, const QString &fence) {
    const QString marks = line.trimmed();
    return marks.size() >= fence.size() && marks.count(fence[0]) == marks.size() && !line.startsWith(u"    ");
}

}  // namespace

void TextBlocks::append(const QString &text) {
    m_open += text;
    // Line by line; the last one may still go on.
    for (qsizetype end = m_open.indexOf(u'\n', m_scanned); end >= 0; end = m_open.indexOf(u'\n', m_scanned)) {
        const QString line = m_open.sliced(m_scanned, end - m_scanned);
        if (!cutAtLine(line, m_scanned, end + 1)) m_scanned = end + 1;
    }
    while (m_open.size() - m_scanned > longLine) {
        const qsizetype space = m_open.lastIndexOf(u' ', m_scanned + longLine);
        qsizetype cut = space > m_scanned ? space + 1 : m_scanned + longLine;
        if (m_open[cut - 1].isHighSurrogate()) --cut;
        settle(cut, TextBlock::Rest::OfLine);
    }
    m_blocks.resize(m_settled);
    if (!m_open.isEmpty()) m_blocks += read(m_open);
}

/// Ends a block before (true, to be looked at again) or behind a line, where one ends there.
bool TextBlocks::cutAtLine(const QString &line, qsizetype begin, qsizetype end) {
    if (m_form == Form::Plain) {
        if (end < longPlain) return false;
        settle(end, TextBlock::Rest::OfLines);
        return true;
    }
    if (!m_fence.isEmpty()) {
        const bool closes = closesFence(line, m_fence);
        if (!closes && end < longCode) return false;
        settle(closes ? begin : end, closes ? TextBlock::Rest::None : TextBlock::Rest::OfLines);
        if (closes) {
            m_open.remove(0, end - begin);
            m_fence.clear();
        }
        return true;
    }
    const bool blank = line.trimmed().isEmpty();
    const bool list = isListItem(m_open.left(m_open.indexOf(u'\n')));
    // Code inside of a list is the list's.
    if (const auto [fence, language] = openedFence(line); !fence.isEmpty() && !(list && line.startsWith(u' '))) {
        if (begin > 0) {
            settle(begin, TextBlock::Rest::None);
            return true;
        }
        m_fence = fence;
        m_language = language;
        m_open.remove(0, end);
        m_scanned = 0;
        return true;
    }
    const bool outermost = !blank && !line[0].isSpace();
    const bool begins = m_blank && outermost && !(list && isListItem(line));
    // What has no end of its own ends where that is seen least.
    const bool tooLong = begin > 2 * longText || (begin > longText && (blank || (list && outermost)));
    m_blank = blank;
    if (begin == 0 || !(begins || tooLong)) return false;
    settle(begin, begins ? TextBlock::Rest::None : TextBlock::Rest::OfLines);
    m_blank = false;
    return true;
}

/// The first `end` characters of what goes on become blocks for good; what follows is `rest`.
void TextBlocks::settle(qsizetype end, TextBlock::Rest rest) {
    m_blocks.resize(m_settled);
    m_blocks += read(m_open.left(end));
    m_settled = m_blocks.size();
    m_open.remove(0, end);
    m_scanned = 0;
    m_rest = rest;
}

QList<TextBlock> TextBlocks::read(const QString &text) const {
    QList<TextBlock> blocks;
    if (!m_fence.isEmpty()) {
        QString code = text;
        // Marks in the last line are on their way to end it.
        const QString last = code.sliced(code.lastIndexOf(u'\n') + 1);
        if (const QString marks = last.trimmed(); !marks.isEmpty() && marks.count(m_fence[0]) == marks.size())
            code.chop(last.size());
        if (code.endsWith(u'\n')) code.chop(1);
        blocks = {{TextBlock::Kind::Code, code, {}, m_language}};
    } else if (m_form == Form::Markdown) {
        blocks = markdownBlocks(text);
    } else {
        blocks = {{TextBlock::Kind::Plain, text}};
        // The line's end is the block's.
        if (text.endsWith(u'\n') && text.size() >= longPlain) blocks[0].text.chop(1);
    }
    if (!blocks.isEmpty()) blocks[0].rest = m_rest;
    return blocks;
}

}  // namespace millm
