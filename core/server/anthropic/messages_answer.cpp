#include "core/server/anthropic/messages_answer.h"

#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/answer_parts.h"

#include <QJsonDocument>

namespace millm::anthropic {

using namespace Qt::StringLiterals;
using openai::ChatRun;

MessagesAnswer::MessagesAnswer(http::Exchange &exchange, InferenceService &inference, openai::ChatRequest request,
                               openai::TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_streams(request.common.stream),
      m_id(openai::AnswerHead::make("msg_"_L1, {}, {}).id),
      m_model(request.common.model),
      m_run(new ChatRun(inference, request, totals, exchange)) {
    connect(m_run, &ChatRun::started, this, &MessagesAnswer::begin);
    connect(m_run, &ChatRun::part, this,
            [this](qsizetype, const AnswerPart &part, const QString &callId) { tell(part, callId); });
    connect(m_run, &ChatRun::finished, this,
            [this](qsizetype, const GenerationSummary &summary, bool called) { close(summary, called); });
    connect(m_run, &ChatRun::failed, this, &MessagesAnswer::fail);
    m_run->start();
}

QJsonObject MessagesAnswer::message() const {
    return {
        {u"id"_s, m_id},
        {u"type"_s, u"message"_s},
        {u"role"_s, u"assistant"_s},
        {u"model"_s, m_model},
        {u"content"_s, m_streams ? QJsonArray() : m_blocks},
        {u"stop_reason"_s, m_reason.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(m_reason)},
        {u"stop_sequence"_s, m_stopString.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(m_stopString)},
        {u"usage"_s, QJsonObject{{u"input_tokens"_s, m_run->usage().prompt}, {u"output_tokens"_s, m_run->usage().completion}}}};
}

void MessagesAnswer::begin() {
    if (!m_streams) return;
    // Only now: what was wrong with the request could still be said with a status of its own.
    m_stream = new http::EventStream(m_exchange);
    send({{u"type"_s, u"message_start"_s}, {u"message"_s, message()}});
}

void MessagesAnswer::send(QJsonObject event) {
    m_stream->send(event, event.value("type"_L1).toString().toLatin1());
}

void MessagesAnswer::open(const QString &type, const QJsonObject &block) {
    if (m_openType == type && type != "tool_use"_L1) return;
    closeBlock();
    m_openType = type;
    m_blocks.append(block);
    if (m_stream) send({{u"type"_s, u"content_block_start"_s}, {u"index"_s, m_blocks.size() - 1}, {u"content_block"_s, block}});
}

void MessagesAnswer::closeBlock() {
    if (!std::exchange(m_openType, {}).isEmpty() && m_stream)
        send({{u"type"_s, u"content_block_stop"_s}, {u"index"_s, m_blocks.size() - 1}});
}

void MessagesAnswer::tell(const AnswerPart &part, const QString &callId) {
    const auto delta = [this](const QJsonObject &delta) {
        send({{u"type"_s, u"content_block_delta"_s}, {u"index"_s, m_blocks.size() - 1}, {u"delta"_s, delta}});
    };
    if (part.kind == AnswerPart::Kind::Call) {
        const QString arguments = QString::fromStdString(part.call.arguments);
        QJsonObject block{{u"type"_s, u"tool_use"_s}, {u"id"_s, callId}, {u"name"_s, QString::fromStdString(part.call.name)}};
        block.insert(u"input"_s, m_stream ? QJsonObject() : QJsonDocument::fromJson(arguments.toUtf8()).object());
        open(u"tool_use"_s, block);
        if (m_stream) delta({{u"type"_s, u"input_json_delta"_s}, {u"partial_json"_s, arguments}});
        return;
    }
    const bool thinks = part.kind == AnswerPart::Kind::Reasoning;
    const QString text = QString::fromStdString(part.text), type = thinks ? u"thinking"_s : u"text"_s;
    QJsonObject block{{u"type"_s, type}, {type, QString()}};
    if (thinks) block.insert(u"signature"_s, QString());
    open(type, block);
    if (m_stream) return delta({{u"type"_s, type + u"_delta"_s}, {type, text}});
    block = m_blocks.last().toObject();
    block.insert(type, block.value(type).toString() + text);
    m_blocks.replace(m_blocks.size() - 1, block);
}

void MessagesAnswer::close(const GenerationSummary &summary, bool called) {
    if (summary.reason == engine::FinishReason::Cancelled)
        return fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(m_model), {}});
    m_stopString = summary.stopString;
    m_reason = summary.reason == engine::FinishReason::Length ? u"max_tokens"_s
               : called                                       ? u"tool_use"_s
               : !m_stopString.isEmpty()                      ? u"stop_sequence"_s
                                                              : u"end_turn"_s;
    closeBlock();
    if (!m_stream) return m_exchange.send(http::json(200, message()));
    const QJsonObject whole = message();
    send({{u"type"_s, u"message_delta"_s},
          {u"delta"_s, QJsonObject{{u"stop_reason"_s, whole.value("stop_reason"_L1)},
                                   {u"stop_sequence"_s, whole.value("stop_sequence"_L1)}}},
          {u"usage"_s, whole.value("usage"_L1)}});
    m_stream->end(QJsonDocument(QJsonObject{{u"type"_s, u"message_stop"_s}}).toJson(QJsonDocument::Compact), "message_stop");
}

void MessagesAnswer::fail(const Error &error) {
    if (!m_stream) return m_exchange.fail(error);
    m_stream->end(QJsonDocument(http::anthropicError(error)).toJson(QJsonDocument::Compact), "error");
}

}  // namespace millm::anthropic
