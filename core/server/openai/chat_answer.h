#pragma once

#include "core/server/http/event_stream.h"
#include "core/server/openai/answer_parts.h"
#include "core/server/openai/chat_run.h"
#include "core/server/openai/choice_tokens.h"

#include <QObject>

#include <string>
#include <vector>

namespace millm {
class InferenceService;
}
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// One /v1/chat/completions under way: turns what its generations make into one JSON answer or a stream. Child of the
/// exchange, so that a client that leaves ends it. Services thread.
class ChatAnswer : public QObject {
    Q_OBJECT
public:
    /// `totals` outlives this.
    ChatAnswer(http::Exchange &exchange, InferenceService &inference, ChatRequest request, TokenTotals &totals);

private:
    struct Choice {
        std::string text, reasoning;  ///< of a whole answer
        QJsonArray calls;
        ChoiceTokens tokens;
        QJsonArray scores;   ///< of a whole answer's tokens, made as they come: at the end it would take a while
        bool begun = false;  ///< the role is sent
        QString finish;
    };
    void begin(qsizetype index);
    void take(qsizetype index, const TokenChunk &chunk);
    void tell(qsizetype index, const AnswerPart &part, const QString &callId);
    void close(qsizetype index, const GenerationSummary &summary, bool called);
    QJsonObject messageOf(const Choice &choice) const;
    void complete();
    void fail(const Error &error);
    void sendChunk(qsizetype index, const QJsonObject &delta, const QString &finish = {});
    QJsonValue logprobsOf(Choice &choice) const;
    void sendRole(qsizetype index);

    http::Exchange &m_exchange;
    const ChatRequest m_request;
    const AnswerHead m_head;
    ChatRun *m_run;
    qint64 m_scoredTokens = 0;
    http::EventStream *m_stream = nullptr;
    std::vector<Choice> m_choices;
};

}  // namespace millm::openai
