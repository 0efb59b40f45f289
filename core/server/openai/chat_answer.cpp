#include "core/server/openai/chat_answer.h"

#include "core/server/http/exchange.h"
#include "core/server/openai/logprobs_json.h"

#include <QJsonDocument>

namespace millm::openai {
using namespace Qt::StringLiterals;

ChatAnswer::ChatAnswer(http::Exchange &exchange, InferenceService &inference, ChatRequest request, TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_request(std::move(request)),
      m_head(AnswerHead::make("chatcmpl-"_L1, m_request.common.stream ? "chat.completion.chunk"_L1 : "chat.completion"_L1,
                              m_request.common.model)),
      m_run(new ChatRun(inference, m_request, totals, exchange)),
      m_choices(std::size_t(m_request.common.n)) {
    connect(m_run, &ChatRun::started, this, &ChatAnswer::begin);
    connect(m_run, &ChatRun::chunk, this, &ChatAnswer::take);
    connect(m_run, &ChatRun::part, this, &ChatAnswer::tell);
    connect(m_run, &ChatRun::finished, this, &ChatAnswer::close);
    connect(m_run, &ChatRun::allFinished, this, &ChatAnswer::complete);
    connect(m_run, &ChatRun::failed, this, &ChatAnswer::fail);
    m_run->start();
}

void ChatAnswer::begin(qsizetype index) {
    if (!m_request.common.stream) return;
    // Only now: what was wrong with the request could still be said with a status of its own.
    if (!m_stream) m_stream = new http::EventStream(m_exchange);
    sendRole(index);
}

void ChatAnswer::take(qsizetype index, const TokenChunk &chunk) {
    Choice &choice = m_choices[std::size_t(index)];
    choice.tokens.add(chunk);
    if (m_request.common.stream || m_request.topLogprobs < 0) return;
    m_scoredTokens += chunk.tokens.size();
    if (const auto many = checkScores(m_scoredTokens, m_request.topLogprobs)) {
        m_run->disconnect(this);
        m_run->deleteLater();  // which cancels
        return fail(*many);
    }
    for (const QJsonValue &score : chatScores(choice.tokens.takeShown())) choice.scores.append(score);
}

void ChatAnswer::sendRole(qsizetype index) {
    if (std::exchange(m_choices[std::size_t(index)].begun, true)) return;
    sendChunk(index, {{u"role"_s, u"assistant"_s}, {u"content"_s, QString()}});
}

void ChatAnswer::tell(qsizetype index, const AnswerPart &part, const QString &callId) {
    Choice &choice = m_choices[std::size_t(index)];
    if (part.kind != AnswerPart::Kind::Call) {
        const bool reasons = part.kind == AnswerPart::Kind::Reasoning;
        if (m_stream)
            sendChunk(index, {{reasons ? u"reasoning_content"_s : u"content"_s, QString::fromStdString(part.text)}});
        else
            (reasons ? choice.reasoning : choice.text) += part.text;
        return;
    }
    QJsonObject call{{u"id"_s, callId},
                     {u"type"_s, u"function"_s},
                     {u"function"_s, QJsonObject{{u"name"_s, QString::fromStdString(part.call.name)},
                                                 {u"arguments"_s, QString::fromStdString(part.call.arguments)}}}};
    choice.calls.append(call);
    if (!m_stream) return;
    call.insert(u"index"_s, choice.calls.size() - 1);
    sendChunk(index, {{u"tool_calls"_s, QJsonArray{call}}});
}

void ChatAnswer::close(qsizetype index, const GenerationSummary &summary, bool called) {
    Choice &choice = m_choices[std::size_t(index)];
    choice.tokens.end(summary.reason != engine::FinishReason::Stop);  // OpenAI's chats do not score what stopped them
    choice.finish = finishReason(summary.reason);
    if (called && summary.reason == engine::FinishReason::Stop) choice.finish = u"tool_calls"_s;
    if (!m_request.common.stream) return;
    if (!m_stream) m_stream = new http::EventStream(m_exchange);  // cancelled before it began
    sendRole(index);
    sendChunk(index, {}, choice.finish);
}

QJsonObject ChatAnswer::messageOf(const Choice &choice) const {
    // What has only calls has no content, as OpenAI answers.
    const bool silent = choice.text.empty() && !choice.calls.isEmpty();
    QJsonObject message{{u"role"_s, u"assistant"_s},
                        {u"content"_s, silent ? QJsonValue(QJsonValue::Null) : QJsonValue(QString::fromStdString(choice.text))},
                        {u"refusal"_s, QJsonValue::Null}};
    if (!choice.reasoning.empty()) message.insert(u"reasoning_content"_s, QString::fromStdString(choice.reasoning));
    if (!choice.calls.isEmpty()) message.insert(u"tool_calls"_s, choice.calls);
    return message;
}

QJsonValue ChatAnswer::logprobsOf(Choice &choice) const {
    if (m_request.topLogprobs < 0) return QJsonValue::Null;
    QJsonArray scores = std::exchange(choice.scores, {});
    for (const QJsonValue &score : chatScores(choice.tokens.takeShown())) scores.append(score);
    if (m_stream && scores.isEmpty()) return QJsonValue::Null;
    return QJsonObject{{u"content"_s, scores}, {u"refusal"_s, QJsonValue::Null}};
}

void ChatAnswer::sendChunk(qsizetype index, const QJsonObject &delta, const QString &finish) {
    QJsonObject choice{{u"index"_s, index},
                       {u"delta"_s, delta},
                       {u"logprobs"_s, logprobsOf(m_choices[std::size_t(index)])},
                       {u"finish_reason"_s, finish.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(finish)}};
    QJsonObject chunk = m_head.json();
    if (m_request.common.returnTokenIds) {
        if (delta.contains("role"_L1))
            chunk.insert(u"prompt_token_ids"_s, idsJson(m_run->promptIds()));
        else
            choice.insert(u"token_ids"_s, idsJson(m_choices[std::size_t(index)].tokens.takeIds()));
    }
    chunk.insert(u"choices"_s, QJsonArray{choice});
    if (m_request.common.includeUsage) chunk.insert(u"usage"_s, QJsonValue::Null);
    m_stream->send(chunk);
}

void ChatAnswer::complete() {
    const QJsonObject usage = m_run->usage().json();
    if (m_stream) {
        if (m_request.common.includeUsage) {
            QJsonObject last = m_head.json();
            last.insert(u"choices"_s, QJsonArray());
            last.insert(u"usage"_s, usage);
            m_stream->send(last);
        }
        m_stream->end("[DONE]");
        return;
    }
    QJsonArray choices;
    for (Choice &choice : m_choices) {
        QJsonObject object{{u"index"_s, choices.size()},
                           {u"message"_s, messageOf(choice)},
                           {u"logprobs"_s, logprobsOf(choice)},
                           {u"finish_reason"_s, choice.finish}};
        if (m_request.common.returnTokenIds) object.insert(u"token_ids"_s, idsJson(choice.tokens.takeIds()));
        choices.append(object);
    }
    QJsonObject answer = m_head.json();
    if (m_request.common.returnTokenIds) answer.insert(u"prompt_token_ids"_s, idsJson(m_run->promptIds()));
    answer.insert(u"choices"_s, choices);
    answer.insert(u"usage"_s, usage);
    m_exchange.send(http::json(200, answer));
}

void ChatAnswer::fail(const Error &error) {
    if (!m_stream) {
        m_exchange.fail(error);
        return;
    }
    m_stream->end(QJsonDocument(QJsonObject{{u"error"_s, http::openAiError(error)}}).toJson(QJsonDocument::Compact));
}

}  // namespace millm::openai
