#pragma once

#include "core/server/http/event_stream.h"
#include "core/server/openai/answer_parts.h"
#include "core/server/openai/choice_tokens.h"
#include "core/server/openai/completion_request.h"
#include "core/server/openai/generation_group.h"
#include "core/server/openai/logprobs_json.h"
#include "core/server/openai/token_totals.h"

#include <QObject>

namespace millm {
class InferenceService;
}
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// One /v1/completions under way: choices number prompt * n + choice. Child of the exchange, so that a client that leaves
/// ends it. Services thread.
class CompletionAnswer : public QObject {
    Q_OBJECT
public:
    /// `totals` outlives this.
    CompletionAnswer(http::Exchange &exchange, InferenceService &inference, CompletionRequest request, TokenTotals &totals);

private:
    struct Choice {
        QString text;
        ChoiceTokens tokens;
        CompletionLogprobs logprobs;
        QList<qint32> promptIds;
        QJsonArray promptScores;  ///< where they are asked for
        bool begun = false;       ///< its echo, if any, is sent
        QString finish;
    };
    void readEchoes();
    void start();
    void begin(qsizetype index, const QList<qint32> &promptIds);
    void take(qsizetype index, const TokenChunk &chunk);
    void close(qsizetype index, const GenerationSummary &summary);
    void complete();
    /// Whether the logprobs of so many tokens more are held until the answer is whole; if not, it has failed.
    bool holds(qint64 tokens);
    void fail(const Error &error);
    void sendChunk(qsizetype index, const QString &text, const QString &finish);
    QJsonObject choiceJson(qsizetype index, const QString &text, const QString &finish);
    qint64 promptTokens() const;
    QString echoOf(qsizetype index) const { return m_echoes.value(index / m_request.common.n); }

    http::Exchange &m_exchange;
    TokenTotals &m_totals;
    InferenceService &m_inference;
    const CompletionRequest m_request;
    const bool m_atOnce;  ///< prompt scores only come with the end, and belong before the rest
    const int m_top;      ///< of how many of the likeliest tokens scores are wanted, at most; -1: of none
    const AnswerHead m_head;
    GenerationGroup *m_group = nullptr;
    http::EventStream *m_stream = nullptr;
    QStringList m_echoes;  ///< the prompts as text, where they are echoed
    QList<Choice> m_choices;
    qint64 m_completionTokens = 0, m_cachedTokens = 0, m_scoredTokens = 0;
};

}  // namespace millm::openai
