#include "core/server/openai/completion_answer.h"

#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"

#include <QJsonDocument>

#include <algorithm>

namespace millm::openai {

using namespace Qt::StringLiterals;

CompletionAnswer::CompletionAnswer(http::Exchange &exchange, InferenceService &inference, CompletionRequest request,
                                   TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_totals(totals),
      m_inference(inference),
      m_request(std::move(request)),
      m_atOnce(m_request.echo && m_request.logprobs >= 0),
      m_top(std::max(m_request.logprobs, m_request.promptLogprobs)),
      m_head(AnswerHead::make("cmpl-"_L1, "text_completion"_L1, m_request.common.model)) {
    const Choice empty{.logprobs = CompletionLogprobs(m_request.logprobs)};
    m_choices.fill(empty, m_request.prompts.size() * m_request.common.n);
    if (m_request.echo)
        readEchoes();
    else
        start();
}

/// The text of each prompt, one after the other; those given as ids have to be decoded.
void CompletionAnswer::readEchoes() {
    while (m_echoes.size() < m_request.prompts.size()) {
        const PromptInput &prompt = m_request.prompts[m_echoes.size()];
        if (const auto *text = std::get_if<TextInput>(&prompt)) {
            m_echoes += text->text;
            continue;
        }
        m_exchange.when(m_inference.detokenize(std::get<TokenInput>(prompt).ids), [this](const Result<QString> &text) {
            if (!text) {
                fail(text.error());
                return;
            }
            m_echoes += *text;
            readEchoes();
        });
        return;
    }
    start();
}

void CompletionAnswer::start() {
    m_group = new GenerationGroup(
        m_inference, m_choices.size(),
        [this](qsizetype index) {
            const int n = m_request.common.n;
            GenerationRequest request = generationFor(m_request.common, m_request.prompts[index / n], int(index % n));
            request.topLogprobs = m_top;
            request.promptLogprobs = m_atOnce || m_request.promptLogprobs >= 0;
            return request;
        },
        m_exchange);
    connect(m_group, &GenerationGroup::started, this, &CompletionAnswer::begin);
    connect(m_group, &GenerationGroup::chunk, this, &CompletionAnswer::take);
    connect(m_group, &GenerationGroup::finished, this, &CompletionAnswer::close);
    connect(m_group, &GenerationGroup::allFinished, this, &CompletionAnswer::complete);
    connect(m_group, &GenerationGroup::failed, this, &CompletionAnswer::fail);
    m_group->start();
}

void CompletionAnswer::begin(qsizetype index, const QList<qint32> &promptIds) {
    m_choices[index].promptIds = promptIds;
    if ((m_atOnce || m_request.promptLogprobs >= 0) && !holds(promptIds.size())) return;
    if (!m_request.common.stream) return;
    // Only now: what was wrong with the request could still be said with a status of its own.
    if (!m_stream) m_stream = new http::EventStream(m_exchange);
    if (m_request.echo && !m_atOnce) sendChunk(index, echoOf(index), {});
}

bool CompletionAnswer::holds(qint64 tokens) {
    m_scoredTokens += tokens;
    const auto many = checkScores(m_scoredTokens, m_top);
    if (!many) return true;
    m_group->disconnect(this);
    m_group->deleteLater();  // which cancels
    fail(*many);
    return false;
}

void CompletionAnswer::take(qsizetype index, const TokenChunk &chunk) {
    if (m_request.noTokens) return;
    Choice &choice = m_choices[index];
    choice.tokens.add(chunk);
    if ((m_atOnce || !m_stream) && !holds(chunk.tokens.size())) return;
    if (m_stream && !m_atOnce) {
        if (!chunk.text.isEmpty()) sendChunk(index, chunk.text, {});
    } else {
        choice.text += chunk.text;
    }
}

void CompletionAnswer::close(qsizetype index, const GenerationSummary &summary) {
    Choice &choice = m_choices[index];
    choice.tokens.end(true);  // who scores counts tokens, be it the end's
    choice.finish = m_request.noTokens ? u"length"_s : finishReason(summary.reason);
    if (!m_request.noTokens) m_completionTokens += summary.completionTokens;
    if (index % m_request.common.n == 0) m_cachedTokens += summary.reusedTokens;
    m_totals.reused += summary.reusedTokens;
    m_totals.masks += summary.masks;
    m_totals.maskSeconds += summary.maskSeconds;
    if (m_atOnce) choice.logprobs.append(summary.prompt, echoOf(index).toUtf8(), 1);
    if (m_request.promptLogprobs >= 0) choice.promptScores = promptScores(summary.prompt, m_request.promptLogprobs);
    if (!m_request.common.stream) return;
    if (!m_stream) m_stream = new http::EventStream(m_exchange);  // cancelled before it began
    sendChunk(index, m_atOnce ? choice.text : QString(), choice.finish);
}

/// One choice, or a piece of it. `text`: without the echo, which is added where all comes at once.
QJsonObject CompletionAnswer::choiceJson(qsizetype index, const QString &text, const QString &finish) {
    Choice &choice = m_choices[index];
    QJsonValue logprobs = QJsonValue::Null;
    if (m_request.logprobs >= 0) {
        choice.logprobs.append(choice.tokens.takeShown(), text.toUtf8());
        logprobs = choice.logprobs.take();
    }
    const bool withEcho = m_request.echo && (m_atOnce || !m_stream);
    QJsonObject object{{u"text"_s, withEcho ? echoOf(index) + text : text},
                       {u"index"_s, index},
                       {u"logprobs"_s, logprobs},
                       {u"finish_reason"_s, finish.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(finish)}};
    if (m_request.promptLogprobs >= 0) object.insert(u"prompt_logprobs"_s, choice.promptScores);
    if (m_request.common.returnTokenIds) {
        object.insert(u"token_ids"_s, idsJson(choice.tokens.takeIds()));
        if (!std::exchange(choice.begun, true)) object.insert(u"prompt_token_ids"_s, idsJson(choice.promptIds));
    }
    return object;
}

void CompletionAnswer::sendChunk(qsizetype index, const QString &text, const QString &finish) {
    QJsonObject chunk = m_head.json();
    chunk.insert(u"choices"_s, QJsonArray{choiceJson(index, text, finish)});
    if (m_request.common.includeUsage) chunk.insert(u"usage"_s, QJsonValue::Null);
    m_stream->send(chunk);
}

qint64 CompletionAnswer::promptTokens() const {
    qint64 count = 0;
    for (qsizetype index = 0; index < m_choices.size(); index += m_request.common.n) count += m_choices[index].promptIds.size();
    return count;
}

void CompletionAnswer::complete() {
    m_totals.prompt += promptTokens();
    m_totals.completion += m_completionTokens;
    const QJsonObject usage = Usage{promptTokens(), m_completionTokens, m_cachedTokens}.json();
    QJsonObject answer = m_head.json();
    if (m_stream) {
        if (m_request.common.includeUsage) {
            answer.insert(u"choices"_s, QJsonArray());
            answer.insert(u"usage"_s, usage);
            m_stream->send(answer);
        }
        m_stream->end("[DONE]");
        return;
    }
    QJsonArray choices;
    for (qsizetype index = 0; index < m_choices.size(); ++index)
        choices.append(choiceJson(index, m_choices[index].text, m_choices[index].finish));
    if (m_request.common.returnTokenIds && m_request.prompts.size() == 1) {
        answer.insert(u"prompt_token_ids"_s, idsJson(m_choices.first().promptIds));
    }
    answer.insert(u"choices"_s, choices);
    answer.insert(u"usage"_s, usage);
    m_exchange.send(http::json(200, answer));
}

void CompletionAnswer::fail(const Error &error) {
    if (!m_stream) {
        m_exchange.fail(error);
        return;
    }
    m_stream->end(QJsonDocument(QJsonObject{{u"error"_s, http::openAiError(error)}}).toJson(QJsonDocument::Compact));
}

}  // namespace millm::openai
