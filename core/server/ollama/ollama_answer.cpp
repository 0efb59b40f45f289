#include "core/server/ollama/ollama_answer.h"

#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"

#include <QDateTime>
#include <QJsonDocument>

namespace millm::ollama {

using namespace Qt::StringLiterals;
using openai::ChatRun;

OllamaAnswer::OllamaAnswer(http::Exchange &exchange, InferenceService &inference, openai::ChatRequest request, Form form,
                           openai::TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_form(form),
      m_streams(request.common.stream),
      m_model(request.common.model),
      m_run(new ChatRun(inference, request, totals, exchange)) {
    m_clock.start();
    connect(m_run, &ChatRun::started, this, &OllamaAnswer::begin);
    connect(m_run, &ChatRun::part, this, [this](qsizetype, const AnswerPart &part, const QString &) { tell(part); });
    connect(m_run, &ChatRun::finished, this, [this](qsizetype, const GenerationSummary &summary, bool) { close(summary); });
    connect(m_run, &ChatRun::failed, this, &OllamaAnswer::fail);
    m_run->start();
}

void OllamaAnswer::begin() {
    // Only now: what was wrong with the request could still be said with a status of its own.
    if (m_streams) m_lines.emplace(m_exchange);
}

QJsonObject OllamaAnswer::said(const QString &text, const QString &thinking, const QJsonArray &calls, bool done) const {
    QJsonObject object{{u"model"_s, m_model}, {u"created_at"_s, QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)}};
    if (m_form == Form::Generate) {
        object.insert(u"response"_s, text);
        if (!thinking.isEmpty()) object.insert(u"thinking"_s, thinking);
    } else {
        QJsonObject message{{u"role"_s, u"assistant"_s}, {u"content"_s, text}};
        if (!thinking.isEmpty()) message.insert(u"thinking"_s, thinking);
        if (!calls.isEmpty()) message.insert(u"tool_calls"_s, calls);
        object.insert(u"message"_s, message);
    }
    object.insert(u"done"_s, done);
    return object;
}

void OllamaAnswer::tell(const AnswerPart &part) {
    if (part.kind == AnswerPart::Kind::Call) {
        const QJsonObject call{
            {u"function"_s,
             QJsonObject{{u"name"_s, QString::fromStdString(part.call.name)},
                         {u"arguments"_s, QJsonDocument::fromJson(QByteArray::fromStdString(part.call.arguments)).object()}}}};
        if (m_lines) return m_lines->send(said({}, {}, {call}, false));
        m_calls.append(call);
        return;
    }
    const bool thinks = part.kind == AnswerPart::Kind::Reasoning;
    const QString text = QString::fromStdString(part.text);
    if (m_lines) return m_lines->send(thinks ? said({}, text, {}, false) : said(text, {}, {}, false));
    (thinks ? m_thinking : m_text) += part.text;
}

void OllamaAnswer::close(const GenerationSummary &summary) {
    if (summary.reason == engine::FinishReason::Cancelled)
        return fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(m_model), {}});
    const auto nanoseconds = [](double seconds) { return qint64(seconds * 1e9); };
    QJsonObject last = said(QString::fromStdString(m_text), QString::fromStdString(m_thinking), m_calls, true);
    last.insert(u"done_reason"_s, summary.reason == engine::FinishReason::Length ? u"length"_s : u"stop"_s);
    last.insert(u"total_duration"_s, m_clock.nsecsElapsed());
    last.insert(u"load_duration"_s, 0);
    last.insert(u"prompt_eval_count"_s, summary.promptTokens);
    last.insert(u"prompt_eval_duration"_s, nanoseconds(summary.prefillSeconds));
    last.insert(u"eval_count"_s, summary.completionTokens);
    last.insert(u"eval_duration"_s, nanoseconds(summary.decodeSeconds));
    if (m_lines)
        m_lines->end(last);
    else
        m_exchange.send(http::json(200, last));
}

void OllamaAnswer::fail(const Error &error) {
    if (!m_lines) return m_exchange.fail(error);
    m_lines->end({{u"error"_s, error.message}});
}

}  // namespace millm::ollama
