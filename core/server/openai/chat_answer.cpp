#include "core/server/openai/chat_answer.h"

#include "core/engine/input/json.h"
#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/logprobs_json.h"
#include "core/server/openai/tool_fields.h"

#include <QJsonDocument>

namespace millm::openai {
namespace {

using namespace Qt::StringLiterals;

QList<GenerationRequest> requestsOf(const ChatRequest &request) {
    QList<GenerationRequest> requests;
    for (int choice = 0; choice < request.common.n; ++choice) {
        requests.append(generationFor(request.common, request.input, choice));
        requests.last().topLogprobs = request.topLogprobs;
        requests.last().showsMarks = true;
    }
    return requests;
}

engine::JsonValue parsedTools(const QJsonArray &tools) {
    const QByteArray text = QJsonDocument(tools).toJson(QJsonDocument::Compact);
    auto parsed =
        engine::parse_json(std::string_view(text.constData(), std::size_t(text.size())), "tools", engine::long_list_limits);
    return parsed ? *std::move(parsed) : engine::JsonValue();
}

}  // namespace

ChatAnswer::ChatAnswer(http::Exchange &exchange, InferenceService &inference, ChatRequest request, TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_totals(totals),
      m_request(std::move(request)),
      m_head(AnswerHead::make("chatcmpl-"_L1, m_request.common.stream ? "chat.completion.chunk"_L1 : "chat.completion"_L1,
                              m_request.common.model)),
      m_tools(parsedTools(m_request.input.tools)),
      m_group(new GenerationGroup(inference, requestsOf(m_request), this)),
      m_choices(std::size_t(m_request.common.n)) {
    connect(m_group, &GenerationGroup::started, this, &ChatAnswer::begin);
    connect(m_group, &GenerationGroup::chunk, this, &ChatAnswer::take);
    connect(m_group, &GenerationGroup::finished, this, &ChatAnswer::close);
    connect(m_group, &GenerationGroup::allFinished, this, &ChatAnswer::complete);
    connect(m_group, &GenerationGroup::failed, this, &ChatAnswer::fail);
    m_group->start();
}

void ChatAnswer::begin(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning) {
    m_promptIds = promptIds;
    m_choices[std::size_t(index)].parser.emplace(AnswerOptions{m_tools, m_request.splitsReasoning, opensReasoning});
    if (!m_request.common.stream) return;
    // Only now: what was wrong with the request could still be said with a status of its own.
    if (!m_stream) m_stream = new http::EventStream(m_exchange);
    sendRole(index);
}

void ChatAnswer::sendRole(qsizetype index) {
    if (std::exchange(m_choices[std::size_t(index)].begun, true)) return;
    sendChunk(index, {{u"role"_s, u"assistant"_s}, {u"content"_s, QString()}});
}

void ChatAnswer::take(qsizetype index, const TokenChunk &chunk) {
    Choice &choice = m_choices[std::size_t(index)];
    choice.tokens.add(chunk);
    if (choice.parser) tell(index, choice.parser->push(chunk.text.toStdString()));
}

void ChatAnswer::tell(qsizetype index, std::vector<AnswerPart> parts) {
    Choice &choice = m_choices[std::size_t(index)];
    for (AnswerPart &part : parts) {
        const bool reasons = part.kind == AnswerPart::Kind::Reasoning;
        if (part.kind != AnswerPart::Kind::Call) {
            if (m_stream)
                sendChunk(index, {{reasons ? u"reasoning_content"_s : u"content"_s, QString::fromStdString(part.text)}});
            else
                (reasons ? choice.reasoning : choice.text) += part.text;
            continue;
        }
        if (!m_request.parallelCalls && !choice.calls.isEmpty()) continue;
        QJsonObject call{{u"id"_s, newCallId()},
                         {u"type"_s, u"function"_s},
                         {u"function"_s, QJsonObject{{u"name"_s, QString::fromStdString(part.call.name)},
                                                     {u"arguments"_s, QString::fromStdString(part.call.arguments)}}}};
        choice.calls.append(call);
        if (!m_stream) continue;
        call.insert(u"index"_s, choice.calls.size() - 1);
        sendChunk(index, {{u"tool_calls"_s, QJsonArray{call}}});
    }
}

void ChatAnswer::close(qsizetype index, const GenerationSummary &summary) {
    Choice &choice = m_choices[std::size_t(index)];
    m_completionTokens += summary.completionTokens;
    choice.tokens.end(summary.reason);
    if (m_request.common.stream) {
        if (!m_stream) m_stream = new http::EventStream(m_exchange);  // cancelled before it began
        sendRole(index);
    }
    if (choice.parser) tell(index, choice.parser->finish());
    choice.finish = finishReason(summary.reason);
    if (!choice.calls.isEmpty() && summary.reason == engine::FinishReason::Stop) choice.finish = u"tool_calls"_s;
    if (m_stream) sendChunk(index, {}, choice.finish);
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
    const QList<ScoredToken> tokens = choice.tokens.takeShown();
    if (m_request.topLogprobs < 0 || (m_stream && tokens.isEmpty())) return QJsonValue::Null;
    return chatLogprobs(tokens);
}

void ChatAnswer::sendChunk(qsizetype index, const QJsonObject &delta, const QString &finish) {
    QJsonObject choice{{u"index"_s, index},
                       {u"delta"_s, delta},
                       {u"logprobs"_s, logprobsOf(m_choices[std::size_t(index)])},
                       {u"finish_reason"_s, finish.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(finish)}};
    QJsonObject chunk = m_head.json();
    if (m_request.common.returnTokenIds) {
        if (delta.contains("role"_L1))
            chunk.insert(u"prompt_token_ids"_s, idsJson(m_promptIds));
        else
            choice.insert(u"token_ids"_s, idsJson(m_choices[std::size_t(index)].tokens.takeIds()));
    }
    chunk.insert(u"choices"_s, QJsonArray{choice});
    if (m_request.common.includeUsage) chunk.insert(u"usage"_s, QJsonValue::Null);
    m_stream->send(chunk);
}

void ChatAnswer::complete() {
    m_totals.prompt += m_promptIds.size();
    m_totals.completion += m_completionTokens;
    const QJsonObject usage = usageJson(m_promptIds.size(), m_completionTokens);
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
    if (m_request.common.returnTokenIds) answer.insert(u"prompt_token_ids"_s, idsJson(m_promptIds));
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
