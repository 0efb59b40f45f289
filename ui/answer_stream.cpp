#include "ui/answer_stream.h"

#include <QRegularExpression>

#include <chrono>

namespace millm {

AnswerStream::AnswerStream(QObject *parent) : QObject(parent) {
    // Thirty times a second is as fast as one reads; each time costs a layout.
    m_pause.setSingleShot(true);
    m_pause.setInterval(std::chrono::milliseconds(33));
    connect(&m_pause, &QTimer::timeout, this, &AnswerStream::handOn);
}

void AnswerStream::begin() {
    m_parser = AnswerParser(AnswerOptions());
    m_firstSeconds = 0;
    m_clock.start();
}

void AnswerStream::expect(bool reasoning, bool opensReasoning) {
    AnswerOptions options;
    options.reasoning = reasoning;
    options.opens_reasoning = opensReasoning;
    m_parser = AnswerParser(std::move(options));
}

void AnswerStream::push(const QString &text) {
    take(m_parser.push(text.toStdString()));
}

void AnswerStream::finish() {
    take(m_parser.finish());
    handOn();
    m_pause.stop();
    speak(true);
}

void AnswerStream::take(const std::vector<AnswerPart> &parts) {
    for (const AnswerPart &part : parts)
        (part.kind == AnswerPart::Kind::Reasoning ? m_reasoning : m_text) += QString::fromStdString(part.text);
    if (m_text.isEmpty() && m_reasoning.isEmpty()) return;
    if (m_firstSeconds == 0) m_firstSeconds = double(m_clock.nsecsElapsed()) / 1e9;
    if (!m_pause.isActive()) handOn();
}

void AnswerStream::handOn() {
    if (m_text.isEmpty() && m_reasoning.isEmpty()) return;
    m_unsaid += m_text;
    Q_EMIT came(std::exchange(m_reasoning, {}), std::exchange(m_text, {}));
    m_pause.start();
    speak(false);
}

/// Says the sentences that are whole, or all that is left.
void AnswerStream::speak(bool all) {
    static const QRegularExpression sentenceEnd(QStringLiteral("[.!?。！？:]\\s|\\n|[。！？]"));
    qsizetype whole = m_unsaid.size();
    if (!all) {
        QRegularExpressionMatch last;
        const qsizetype found = m_unsaid.lastIndexOf(sentenceEnd, -1, &last);
        whole = found < 0 ? 0 : last.capturedEnd();
    }
    const QString said = m_unsaid.first(whole).trimmed();
    m_unsaid.remove(0, whole);
    if (!said.isEmpty()) Q_EMIT spoken(said);
}

}  // namespace millm
