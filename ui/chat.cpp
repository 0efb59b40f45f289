#include "ui/chat.h"

#include "ui/chat_backend.h"
#include "ui/format.h"

#include <algorithm>

namespace millm {

Chat::Chat(ChatBackend &backend, QObject *parent) : QObject(parent), m_backend(backend) {
    connect(&backend, &ChatBackend::started, this, &Chat::onStarted);
    connect(&backend, &ChatBackend::chunk, this, &Chat::onChunk);
    connect(&backend, &ChatBackend::finished, this, &Chat::onFinished);
    connect(&backend, &ChatBackend::failed, this, &Chat::onFailed);
}

void Chat::setTemperature(double temperature) {
    temperature = std::clamp(temperature, 0.0, 2.0);
    if (temperature == m_temperature) return;
    m_temperature = temperature;
    Q_EMIT temperatureChanged();
}

void Chat::setMaxTokens(int tokens) {
    tokens = std::clamp(tokens, 1, 8192);
    if (tokens == m_maxTokens) return;
    m_maxTokens = tokens;
    Q_EMIT maxTokensChanged();
}

void Chat::setModel(const QString &name, ModelUse use) {
    if (name == m_modelName && use == m_use) return;
    if (!name.isEmpty() && name != m_modelName) clear();
    m_modelName = name;
    m_use = use;
    Q_EMIT modelChanged();
}

bool Chat::send(const QString &text) {
    if (!ready() || busy() || text.trimmed().isEmpty()) return false;
    GenerationRequest request;
    request.sampling.temperature = m_temperature;
    request.stop.max_new_tokens = m_maxTokens;
    request.showsMarks = true;
    m_messages.append({.fromPerson = true, .text = conversing() ? text.trimmed() : text});
    if (conversing())
        request.input = ChatInput{.messages = m_messages.forTemplate(), .variables = {}};
    else
        request.input = TextInput{.text = text};
    m_messages.append({.streaming = true});
    m_parser = AnswerParser(AnswerOptions());
    m_ticket = ++m_lastTicket;
    Q_EMIT busyChanged();
    m_backend.submit(m_ticket, request);
    return true;
}

void Chat::stop() {
    if (busy()) m_backend.cancel(m_ticket);
}

void Chat::clear() {
    // What still comes of the old request belongs to no message.
    if (busy()) {
        m_backend.cancel(m_ticket);
        m_ticket = 0;
        Q_EMIT busyChanged();
    }
    m_messages.clear();
}

void Chat::onStarted(quint64 ticket, bool opensReasoning) {
    if (ticket != m_ticket) return;
    AnswerOptions options;
    options.reasoning = conversing();
    options.opens_reasoning = opensReasoning;
    m_parser = AnswerParser(std::move(options));
}

void Chat::onChunk(quint64 ticket, const QString &text) {
    if (ticket == m_ticket) tell(m_parser.push(text.toStdString()));
}

void Chat::tell(const std::vector<AnswerPart> &parts) {
    for (const AnswerPart &part : parts) {
        const QString text = QString::fromStdString(part.text);
        if (part.kind == AnswerPart::Kind::Reasoning)
            m_messages.appendReasoning(text);
        else
            m_messages.appendText(text);
    }
}

void Chat::onFinished(quint64 ticket, const GenerationSummary &summary) {
    if (ticket != m_ticket) return;
    QStringList note{format::tokens(summary.completionTokens, summary.decodeSeconds)};
    if (summary.reason == engine::FinishReason::Cancelled) note << tr("stopped");
    if (summary.reason == engine::FinishReason::Length) note << tr("cut at the limit");
    end(note.join(QStringLiteral(" • ")), {});
}

void Chat::onFailed(quint64 ticket, const Error &error) {
    if (ticket == m_ticket) end({}, error.message);
}

void Chat::end(const QString &note, const QString &failure) {
    m_ticket = 0;
    tell(m_parser.finish());
    m_messages.endLast(note, failure);
    Q_EMIT busyChanged();
    const auto &last = m_messages.all().last();
    Q_EMIT answered(failure.isEmpty() ? last.text : failure);
}

}  // namespace millm
