#include "core/server/openai/responses_answer.h"

#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/answer_parts.h"

#include <QDateTime>
#include <QJsonDocument>

namespace millm::openai {
namespace {

using namespace Qt::StringLiterals;

QString newId(QLatin1StringView prefix) {
    return AnswerHead::make(prefix, {}, {}).id;
}

}  // namespace

ResponsesAnswer::ResponsesAnswer(http::Exchange &exchange, InferenceService &inference, const ChatRequest &request,
                                 const QJsonObject &body, TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_streams(request.common.stream),
      m_body(body),
      m_id(newId("resp_"_L1)),
      m_model(request.common.model),
      m_created(QDateTime::currentSecsSinceEpoch()),
      m_run(new ChatRun(inference, request, totals, exchange)) {
    connect(m_run, &ChatRun::started, this, &ResponsesAnswer::begin);
    connect(m_run, &ChatRun::part, this,
            [this](qsizetype, const AnswerPart &part, const QString &callId) { tell(part, callId); });
    connect(m_run, &ChatRun::finished, this, [this](qsizetype, const GenerationSummary &summary, bool) { close(summary); });
    connect(m_run, &ChatRun::failed, this, &ResponsesAnswer::fail);
    m_run->start();
}

QJsonObject ResponsesAnswer::response() const {
    const bool cut = m_status == "incomplete"_L1;
    const auto repeated = [this](const char *name, const QJsonValue &otherwise) {
        const QJsonValue value = m_body.value(QLatin1StringView(name));
        return value.isUndefined() || value.isNull() ? otherwise : value;
    };
    const Usage &used = m_run->usage();
    const QJsonObject usage{{u"input_tokens"_s, used.prompt},
                            {u"input_tokens_details"_s, QJsonObject{{u"cached_tokens"_s, used.cached}}},
                            {u"output_tokens"_s, used.completion},
                            {u"output_tokens_details"_s, QJsonObject{{u"reasoning_tokens"_s, used.reasoning}}},
                            {u"total_tokens"_s, used.prompt + used.completion}};
    const bool ended = m_status != "in_progress"_L1;
    return {{u"id"_s, m_id},
            {u"object"_s, u"response"_s},
            {u"created_at"_s, m_created},
            {u"status"_s, m_status},
            {u"error"_s, QJsonValue::Null},
            {u"incomplete_details"_s, cut ? QJsonValue(QJsonObject{{u"reason"_s, u"max_output_tokens"_s}}) : QJsonValue()},
            {u"instructions"_s, repeated("instructions", QJsonValue::Null)},
            {u"max_output_tokens"_s, repeated("max_output_tokens", QJsonValue::Null)},
            {u"metadata"_s, repeated("metadata", QJsonObject())},
            {u"model"_s, m_model},
            {u"output"_s, m_items},
            {u"parallel_tool_calls"_s, repeated("parallel_tool_calls", true)},
            {u"previous_response_id"_s, QJsonValue::Null},
            {u"store"_s, false},
            {u"temperature"_s, repeated("temperature", 1.0)},
            {u"text"_s, QJsonObject{{u"format"_s, QJsonObject{{u"type"_s, u"text"_s}}}}},
            {u"tool_choice"_s, repeated("tool_choice", u"auto"_s)},
            {u"tools"_s, repeated("tools", QJsonArray())},
            {u"top_p"_s, repeated("top_p", 1.0)},
            {u"truncation"_s, u"disabled"_s},
            {u"usage"_s, ended ? QJsonValue(usage) : QJsonValue()}};
}

void ResponsesAnswer::send(const QString &type, QJsonObject event) {
    if (!m_stream) return;
    event.insert(u"type"_s, type);
    event.insert(u"sequence_number"_s, m_events++);
    m_stream->send(event, type.toLatin1());
}

void ResponsesAnswer::sendOfPart(const QString &type, QJsonObject event) {
    event.insert(u"item_id"_s, m_item.value("id"_L1));
    event.insert(u"output_index"_s, m_items.size());
    event.insert(u"content_index"_s, 0);
    send(type, std::move(event));
}

void ResponsesAnswer::begin() {
    if (!m_streams) return;
    // Only now: what was wrong with the request could still be said with a status of its own.
    m_stream = new http::EventStream(m_exchange);
    send(u"response.created"_s, {{u"response"_s, response()}});
    send(u"response.in_progress"_s, {{u"response"_s, response()}});
}

QJsonObject ResponsesAnswer::part() const {
    QJsonObject part{{u"type"_s, m_partType}, {u"text"_s, QString::fromStdString(m_text)}};
    if (m_partType == "output_text"_L1) part.insert(u"annotations"_s, QJsonArray());
    return part;
}

void ResponsesAnswer::open(QJsonObject item, const QString &partType) {
    closeItem();
    m_item = std::move(item);
    m_partType = partType;
    m_text.clear();
    send(u"response.output_item.added"_s, {{u"output_index"_s, m_items.size()}, {u"item"_s, m_item}});
    if (!partType.isEmpty()) sendOfPart(u"response.content_part.added"_s, {{u"part"_s, part()}});
}

void ResponsesAnswer::closeItem() {
    if (m_item.isEmpty()) return;
    if (!m_partType.isEmpty()) {
        sendOfPart(u"response.%1.done"_s.arg(m_partType), {{u"text"_s, QString::fromStdString(m_text)}});
        sendOfPart(u"response.content_part.done"_s, {{u"part"_s, part()}});
        m_item.insert(u"content"_s, QJsonArray{part()});
    }
    m_item.insert(u"status"_s, u"completed"_s);
    send(u"response.output_item.done"_s, {{u"output_index"_s, m_items.size()}, {u"item"_s, m_item}});
    m_items.append(std::exchange(m_item, {}));
    m_partType.clear();
}

void ResponsesAnswer::tell(const AnswerPart &part, const QString &callId) {
    if (part.kind == AnswerPart::Kind::Call) {
        const QString arguments = QString::fromStdString(part.call.arguments);
        open({{u"type"_s, u"function_call"_s},
              {u"id"_s, newId("fc_"_L1)},
              {u"call_id"_s, callId},
              {u"name"_s, QString::fromStdString(part.call.name)},
              {u"arguments"_s, QString()},
              {u"status"_s, u"in_progress"_s}},
             {});
        m_item.insert(u"arguments"_s, arguments);
        const QJsonObject place{{u"item_id"_s, m_item.value("id"_L1)}, {u"output_index"_s, m_items.size()}};
        QJsonObject delta = place, done = place;
        delta.insert(u"delta"_s, arguments);
        done.insert(u"arguments"_s, arguments);
        done.insert(u"name"_s, m_item.value("name"_L1));
        send(u"response.function_call_arguments.delta"_s, delta);
        send(u"response.function_call_arguments.done"_s, done);
        return;
    }
    const bool thinks = part.kind == AnswerPart::Kind::Reasoning;
    const QString type = thinks ? u"reasoning_text"_s : u"output_text"_s;
    if (m_partType != type) {
        if (thinks)
            open({{u"type"_s, u"reasoning"_s},
                  {u"id"_s, newId("rs_"_L1)},
                  {u"summary"_s, QJsonArray()},
                  {u"content"_s, QJsonArray()}},
                 type);
        else
            open({{u"type"_s, u"message"_s},
                  {u"id"_s, newId("msg_"_L1)},
                  {u"role"_s, u"assistant"_s},
                  {u"status"_s, u"in_progress"_s},
                  {u"content"_s, QJsonArray()}},
                 type);
    }
    m_text += part.text;
    sendOfPart(u"response.%1.delta"_s.arg(type), {{u"delta"_s, QString::fromStdString(part.text)}});
}

void ResponsesAnswer::close(const GenerationSummary &summary) {
    if (summary.reason == engine::FinishReason::Cancelled)
        return fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(m_model), {}});
    closeItem();
    const bool cut = summary.reason == engine::FinishReason::Length;
    m_status = cut ? u"incomplete"_s : u"completed"_s;
    if (!m_stream) return m_exchange.send(http::json(200, response()));
    const QString type = cut ? u"response.incomplete"_s : u"response.completed"_s;
    const QJsonObject last{{u"type"_s, type}, {u"sequence_number"_s, m_events}, {u"response"_s, response()}};
    m_stream->end(QJsonDocument(last).toJson(QJsonDocument::Compact), type.toLatin1());
}

void ResponsesAnswer::fail(const Error &error) {
    if (!m_stream) return m_exchange.fail(error);
    const QJsonObject worded = http::openAiError(error);
    const QJsonObject last{{u"type"_s, u"error"_s},
                           {u"sequence_number"_s, m_events},
                           {u"code"_s, worded.value("code"_L1)},
                           {u"message"_s, worded.value("message"_L1)},
                           {u"param"_s, worded.value("param"_L1)}};
    m_stream->end(QJsonDocument(last).toJson(QJsonDocument::Compact), "error");
}

}  // namespace millm::openai
