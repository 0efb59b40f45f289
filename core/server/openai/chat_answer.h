#pragma once

#include "core/inference/answer_parser.h"
#include "core/server/http/event_stream.h"
#include "core/server/openai/answer_parts.h"
#include "core/server/openai/chat_request.h"
#include "core/server/openai/choice_tokens.h"
#include "core/server/openai/generation_group.h"
#include "core/server/openai/token_totals.h"

#include <QObject>

#include <optional>
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
        std::optional<AnswerParser> parser;
        std::string text, reasoning;  ///< of a whole answer
        QJsonArray calls;
        ChoiceTokens tokens;
        bool begun = false;  ///< the role is sent
        QString finish;
    };
    void begin(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning);
    void take(qsizetype index, const TokenChunk &chunk);
    void close(qsizetype index, const GenerationSummary &summary);
    /// Sends, or keeps, what the parser tells.
    void tell(qsizetype index, std::vector<AnswerPart> parts);
    QJsonObject messageOf(const Choice &choice) const;
    void complete();
    void fail(const Error &error);
    void sendChunk(qsizetype index, const QJsonObject &delta, const QString &finish = {});
    QJsonValue logprobsOf(Choice &choice) const;
    void sendRole(qsizetype index);

    http::Exchange &m_exchange;
    TokenTotals &m_totals;
    const ChatRequest m_request;
    const AnswerHead m_head;
    const engine::JsonValue m_tools;  ///< as the parser takes them
    GenerationGroup *m_group;
    http::EventStream *m_stream = nullptr;
    std::vector<Choice> m_choices;
    QList<qint32> m_promptIds;
    qint64 m_completionTokens = 0;
};

}  // namespace millm::openai
