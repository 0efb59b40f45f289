#pragma once

#include "ui/markdown.h"

namespace millm {

/// A message cut into blocks while it arrives. What is behind a block that has ended changes it no more, so that each new word
/// costs one block's work however long the message is. A plain value.
class TextBlocks {
public:
    enum class Form : quint8 { Plain, Markdown };
    explicit TextBlocks(Form form = Form::Plain) : m_form(form) {}

    void append(const QString &text);
    const QList<TextBlock> &all() const { return m_blocks; }
    qsizetype settled() const { return m_settled; }  ///< how many of them, from the first, do not change any more

private:
    bool cutAtLine(const QString &line, qsizetype begin, qsizetype end);
    void settle(qsizetype end, TextBlock::Rest rest);
    QList<TextBlock> read(const QString &text) const;

    Form m_form;
    QList<TextBlock> m_blocks;
    qsizetype m_settled = 0;
    QString m_open;           ///< the text of the block that goes on
    qsizetype m_scanned = 0;  ///< of it, whole lines that were looked at
    QString m_fence;          ///< of the code that goes on: its marks; empty: it is no code
    QString m_language;
    TextBlock::Rest m_rest = TextBlock::Rest::None;  ///< of the block that goes on
    bool m_blank = false;                            ///< the last line looked at was blank
};

}  // namespace millm
