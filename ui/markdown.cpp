#include "ui/markdown.h"

#include <QTextDocumentFragment>
#include <QUrl>

#include <md4c.h>
#include <algorithm>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

constexpr int mostNested = 24;
constexpr unsigned mostColumns = 40;

QString attribute(const MD_ATTRIBUTE &value) {
    return QString::fromUtf8(value.text, qsizetype(value.size));
}

/// Where a link may lead; empty: nowhere.
QString target(const QString &href) {
    const QUrl url(href, QUrl::StrictMode);
    const QString scheme = url.scheme();
    if (scheme != "http"_L1 && scheme != "https"_L1 && scheme != "mailto"_L1) return {};
    return QString::fromLatin1(url.toEncoded()).toHtmlEscaped();
}

/// Writes what the parser calls out. Any answer but 0 ends the parsing.
class Writer {
public:
    QList<TextBlock> blocks;
    bool beyondReason = false;  ///< the parser does not hand on each of its callers' refusals

    int enter(MD_BLOCKTYPE type, void *detail) {
        if (type == MD_BLOCK_DOC) return 0;
        if (type == MD_BLOCK_CODE && m_depth == 0) {
            flush();
            m_language = attribute(static_cast<MD_BLOCK_CODE_DETAIL *>(detail)->lang);
        } else if (const QString tag = tagOf(type, detail); !tag.isEmpty()) {
            m_rich += u'<' + tag + attributesOf(type, detail) + u'>';
        }
        if (type == MD_BLOCK_TABLE && static_cast<MD_BLOCK_TABLE_DETAIL *>(detail)->col_count > mostColumns) return refuse();
        m_code = type == MD_BLOCK_CODE;
        ++m_depth;
        if (type == MD_BLOCK_LI) item(static_cast<MD_BLOCK_LI_DETAIL *>(detail));
        return m_depth > mostNested ? refuse() : 0;
    }

    int leave(MD_BLOCKTYPE type, void *detail) {
        if (type == MD_BLOCK_DOC) {
            flush();
            return 0;
        }
        m_code = false;
        if (--m_depth == 0 && type == MD_BLOCK_CODE) {
            code();
            return 0;
        }
        if (const QString tag = tagOf(type, detail); !tag.isEmpty()) {
            if (type != MD_BLOCK_HR) m_rich += u"</"_s + tag + u'>';
            if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
                m_text += u'\t';
            else if (!m_text.endsWith(u'\n'))
                m_text += u'\n';
        }
        // Each block of the outermost level is an item of its own: a long answer is many small ones.
        if (m_depth == 0) flush();
        return 0;
    }

    int span(MD_SPANTYPE type, void *detail, bool entering) {
        QString tag = tagOf(type), attributes;
        if (type == MD_SPAN_A) {
            const QString href = target(attribute(static_cast<MD_SPAN_A_DETAIL *>(detail)->href));
            if (href.isEmpty()) tag.clear();
            attributes = u" href=\"%1\""_s.arg(href);
        }
        if (!tag.isEmpty()) m_rich += entering ? u'<' + tag + attributes + u'>' : u"</"_s + tag + u'>';
        return 0;
    }

    int text(MD_TEXTTYPE type, const QString &piece) {
        switch (type) {
            case MD_TEXT_NULLCHAR:
                write(u"\uFFFD"_s);
                break;
            case MD_TEXT_BR:
            case MD_TEXT_SOFTBR:
                m_rich += u"<br/>"_s;
                m_text += u'\n';
                break;
            case MD_TEXT_ENTITY:
                m_rich += piece;
                m_text += QTextDocumentFragment::fromHtml(piece).toPlainText();
                break;
            default:
                write(piece);
        }
        return 0;
    }

private:
    int refuse() {
        beyondReason = true;
        return 1;
    }

    /// Empty: it has none.
    static QString tagOf(MD_BLOCKTYPE type, const void *detail) {
        switch (type) {
            case MD_BLOCK_H:  // a title is no louder than a page's own
                return u"h%1"_s.arg(std::min(static_cast<const MD_BLOCK_H_DETAIL *>(detail)->level + 1, 4U));
            case MD_BLOCK_P:
                return u"p"_s;
            case MD_BLOCK_CODE:
                return u"pre"_s;
            case MD_BLOCK_QUOTE:
                return u"blockquote"_s;
            case MD_BLOCK_UL:
                return u"ul"_s;
            case MD_BLOCK_OL:
                return u"ol"_s;
            case MD_BLOCK_LI:
                return u"li"_s;
            case MD_BLOCK_HR:
                return u"hr"_s;
            case MD_BLOCK_TABLE:
                return u"table"_s;
            case MD_BLOCK_TR:
                return u"tr"_s;
            case MD_BLOCK_TH:
                return u"th"_s;
            case MD_BLOCK_TD:
                return u"td"_s;
            default:
                return {};
        }
    }

    static QString tagOf(MD_SPANTYPE type) {
        switch (type) {
            case MD_SPAN_EM:
                return u"i"_s;
            case MD_SPAN_STRONG:
                return u"b"_s;
            case MD_SPAN_DEL:
                return u"s"_s;
            case MD_SPAN_CODE:
            case MD_SPAN_LATEXMATH:
            case MD_SPAN_LATEXMATH_DISPLAY:
                return u"code"_s;
            case MD_SPAN_A:
                return u"a"_s;
            default:
                return {};
        }
    }

    QString attributesOf(MD_BLOCKTYPE type, const void *detail) const {
        switch (type) {
            case MD_BLOCK_P:
                return m_depth == 0 ? QString() : u" class='inner'"_s;
            case MD_BLOCK_OL:
                return u" start='%1'"_s.arg(static_cast<const MD_BLOCK_OL_DETAIL *>(detail)->start);
            case MD_BLOCK_TABLE:
                return u" border='1' cellspacing='0' cellpadding='6'"_s;
            case MD_BLOCK_TH:
            case MD_BLOCK_TD:
                return u" align='%1'"_s.arg(alignment(static_cast<const MD_BLOCK_TD_DETAIL *>(detail)->align));
            default:
                return {};
        }
    }

    static QString alignment(MD_ALIGN align) {
        return align == MD_ALIGN_RIGHT ? u"right"_s : align == MD_ALIGN_CENTER ? u"center"_s : u"left"_s;
    }

    void item(const MD_BLOCK_LI_DETAIL *detail) {
        // The marks of a list are no part of its text; a screen reader tells them by the words.
        if (!m_text.isEmpty() && !m_text.endsWith(u'\n')) m_text += u'\n';
        if (detail->is_task) write(detail->task_mark == ' ' ? u"☐ "_s : u"☑ "_s);
    }

    void write(const QString &piece) {
        m_text += piece;
        // Code of the outermost level is shown as it is.
        if (!m_code || m_depth > 1) m_rich += piece.toHtmlEscaped();
    }

    void flush() {
        while (m_text.endsWith(u'\n') || m_text.endsWith(u'\t')) m_text.chop(1);
        if (!m_rich.isEmpty()) blocks.append({TextBlock::Kind::Rich, m_text, m_rich});
        m_rich.clear();
        m_text.clear();
    }

    void code() {
        if (m_text.endsWith(u'\n')) m_text.chop(1);
        blocks.append({TextBlock::Kind::Code, m_text, {}, m_language});
        m_text.clear();
    }

    QString m_rich, m_text, m_language;
    int m_depth = 0;
    bool m_code = false;
};

/// \(…\) and \[…\] as the dollars that the parser knows; not inside of code.
QString withDollars(QString text) {
    if (!text.contains("\\("_L1) && !text.contains("\\["_L1)) return text;
    QString made;
    qsizetype at = 0;
    while (at < text.size()) {
        if (text[at] == u'`') {
            qsizetype end = at;
            while (end < text.size() && text[end] == u'`') ++end;
            const qsizetype close = text.indexOf(text.sliced(at, end - at), end);
            const qsizetype next = close < 0 ? end : close + (end - at);
            made += text.sliced(at, next - at);
            at = next;
            continue;
        }
        const bool display = text.sliced(at).startsWith("\\["_L1), inlined = text.sliced(at).startsWith("\\("_L1);
        const qsizetype close = display ? text.indexOf("\\]"_L1, at + 2) : inlined ? text.indexOf("\\)"_L1, at + 2) : -1;
        if (close < 0) {
            made += text[at++];
            continue;
        }
        const QString dollars = display ? u"$$"_s : u"$"_s;
        made += dollars + text.sliced(at + 2, close - at - 2).trimmed() + dollars;
        at = close + 2;
    }
    return made;
}

}  // namespace

QList<TextBlock> markdownBlocks(const QString &text) {
    MD_PARSER parser{};
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML | MD_FLAG_LATEXMATHSPANS | MD_FLAG_NOINDENTEDCODEBLOCKS;
    parser.enter_block = [](MD_BLOCKTYPE type, void *detail, void *writer) {
        return static_cast<Writer *>(writer)->enter(type, detail);
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void *detail, void *writer) {
        return static_cast<Writer *>(writer)->leave(type, detail);
    };
    parser.enter_span = [](MD_SPANTYPE type, void *detail, void *writer) {
        return static_cast<Writer *>(writer)->span(type, detail, true);
    };
    parser.leave_span = [](MD_SPANTYPE type, void *detail, void *writer) {
        return static_cast<Writer *>(writer)->span(type, detail, false);
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR *piece, MD_SIZE size, void *writer) {
        return static_cast<Writer *>(writer)->text(type, QString::fromUtf8(piece, qsizetype(size)));
    };
    const QByteArray bytes = withDollars(text).toUtf8();
    Writer writer;
    if (md_parse(bytes.constData(), MD_SIZE(bytes.size()), &parser, &writer) != 0 || writer.beyondReason)
        return {{TextBlock::Kind::Plain, text.trimmed()}};
    return writer.blocks;
}

}  // namespace millm
