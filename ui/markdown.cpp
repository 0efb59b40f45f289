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
        switch (type) {
            case MD_BLOCK_DOC:
                return 0;
            case MD_BLOCK_CODE:
                m_code = true;
                if (m_depth++ > 0) {
                    open(u"<pre>"_s);
                    return 0;
                }
                flush();
                m_language = attribute(static_cast<MD_BLOCK_CODE_DETAIL *>(detail)->lang);
                return 0;
            case MD_BLOCK_H:
                open(u"<h%1>"_s.arg(size(detail)));
                break;
            case MD_BLOCK_P:
                open(m_depth == 0 ? u"<p>"_s : u"<p class='inner'>"_s);
                break;
            case MD_BLOCK_QUOTE:
                open(u"<blockquote>"_s);
                break;
            case MD_BLOCK_UL:
                open(u"<ul>"_s);
                break;
            case MD_BLOCK_OL:
                open(u"<ol start='%1'>"_s.arg(static_cast<MD_BLOCK_OL_DETAIL *>(detail)->start));
                break;
            case MD_BLOCK_LI:
                item(static_cast<MD_BLOCK_LI_DETAIL *>(detail));
                break;
            case MD_BLOCK_HR:
                open(u"<hr/>"_s);
                break;
            case MD_BLOCK_TABLE:
                if (static_cast<MD_BLOCK_TABLE_DETAIL *>(detail)->col_count > mostColumns) return refuse();
                open(u"<table border='1' cellspacing='0' cellpadding='6'>"_s);
                break;
            case MD_BLOCK_TR:
                open(u"<tr>"_s);
                break;
            case MD_BLOCK_TH:
            case MD_BLOCK_TD:
                open(cell(type, static_cast<MD_BLOCK_TD_DETAIL *>(detail)));
                break;
            default:
                break;
        }
        return ++m_depth > mostNested ? refuse() : 0;
    }

    int leave(MD_BLOCKTYPE type, void *detail) {
        if (type == MD_BLOCK_DOC) {
            flush();
            return 0;
        }
        --m_depth;
        switch (type) {
            case MD_BLOCK_CODE:
                m_code = false;
                if (m_depth > 0)
                    open(u"</pre>"_s);
                else
                    code();
                return 0;
            case MD_BLOCK_H:
                open(u"</h%1>"_s.arg(size(detail)));
                m_text += u'\n';
                break;
            case MD_BLOCK_P:
                open(u"</p>"_s);
                m_text += u'\n';
                break;
            case MD_BLOCK_QUOTE:
                open(u"</blockquote>"_s);
                break;
            case MD_BLOCK_UL:
                open(u"</ul>"_s);
                break;
            case MD_BLOCK_OL:
                open(u"</ol>"_s);
                break;
            case MD_BLOCK_LI:
                open(u"</li>"_s);
                if (!m_text.endsWith(u'\n')) m_text += u'\n';
                break;
            case MD_BLOCK_TABLE:
                open(u"</table>"_s);
                break;
            case MD_BLOCK_TR:
                open(u"</tr>"_s);
                m_text += u'\n';
                break;
            case MD_BLOCK_TH:
                open(u"</th>"_s);
                m_text += u'\t';
                break;
            case MD_BLOCK_TD:
                open(u"</td>"_s);
                m_text += u'\t';
                break;
            default:
                break;
        }
        // Each block of the outermost level is an item of its own: a long answer is many small ones.
        if (m_depth == 0) flush();
        return 0;
    }

    int span(MD_SPANTYPE type, void *detail, bool entering) {
        const QString slash = entering ? u""_s : u"/"_s;
        switch (type) {
            case MD_SPAN_EM:
                open(u"<%1i>"_s.arg(slash));
                break;
            case MD_SPAN_STRONG:
                open(u"<%1b>"_s.arg(slash));
                break;
            case MD_SPAN_DEL:
                open(u"<%1s>"_s.arg(slash));
                break;
            case MD_SPAN_CODE:
            case MD_SPAN_LATEXMATH:
            case MD_SPAN_LATEXMATH_DISPLAY:
                open(u"<%1code>"_s.arg(slash));
                break;
            case MD_SPAN_A: {
                const QString href = target(attribute(static_cast<MD_SPAN_A_DETAIL *>(detail)->href));
                if (!href.isEmpty()) open(entering ? u"<a href=\"%1\">"_s.arg(href) : u"</a>"_s);
                break;
            }
            default:
                break;
        }
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

    static int size(void *detail) { return int(std::min(static_cast<MD_BLOCK_H_DETAIL *>(detail)->level + 1, 4U)); }

    static QString cell(MD_BLOCKTYPE type, const MD_BLOCK_TD_DETAIL *detail) {
        const QString align = detail->align == MD_ALIGN_RIGHT    ? u" align='right'"_s
                              : detail->align == MD_ALIGN_CENTER ? u" align='center'"_s
                                                                 : u" align='left'"_s;
        return (type == MD_BLOCK_TH ? u"<th"_s : u"<td"_s) + align + u'>';
    }

    void item(const MD_BLOCK_LI_DETAIL *detail) {
        open(u"<li>"_s);
        if (detail->is_task) write(detail->task_mark == ' ' ? u"☐ "_s : u"☑ "_s);
        // The marks of a list are no part of its text; a screen reader tells them by the words.
        if (!m_text.isEmpty() && !m_text.endsWith(u'\n')) m_text += u'\n';
    }

    void open(const QString &tag) { m_rich += tag; }

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
