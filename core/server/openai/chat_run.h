#pragma once

#include "core/inference/answer_parser.h"
#include "core/server/openai/answer_parts.h"
#include "core/server/openai/chat_request.h"
#include "core/server/openai/generation_group.h"
#include "core/server/openai/token_totals.h"

#include <QObject>

#include <optional>
#include <vector>

namespace millm {
class InferenceService;
}

namespace millm::openai {

/// The choices of one chat under way, told apart into reasoning, content and calls: what the interfaces that speak of chats
/// word, each in its own way. Deleting it cancels. Services thread.
class ChatRun : public QObject {
    Q_OBJECT
public:
    /// `totals` outlives this.
    ChatRun(InferenceService &inference, const ChatRequest &request, TokenTotals &totals, http::Exchange &exchange);
    void start();

    const QList<qint32> &promptIds() const { return m_promptIds; }
    const Usage &usage() const { return m_usage; }  ///< of all choices, as far as they have ended

Q_SIGNALS:
    void started(qsizetype index);
    /// The tokens behind the parts that follow.
    void chunk(qsizetype index, const millm::TokenChunk &chunk);
    /// `callId`: of a call.
    void part(qsizetype index, const millm::AnswerPart &part, const QString &callId);
    /// All parts of it are told. `called`: calls among them.
    void finished(qsizetype index, const millm::GenerationSummary &summary, bool called);
    void allFinished();
    void failed(const millm::Error &error);

private:
    struct Choice {
        std::optional<AnswerParser> parser;
        int calls = 0;
    };
    void begin(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning);
    void take(qsizetype index, const TokenChunk &chunk);
    void tell(qsizetype index, const std::vector<AnswerPart> &parts);
    void close(qsizetype index, const GenerationSummary &summary);

    const bool m_splitsReasoning, m_parallelCalls;
    const engine::JsonValue m_tools;  ///< as the parser takes them
    TokenTotals &m_totals;
    GenerationGroup *m_group;
    std::vector<Choice> m_choices;
    QList<qint32> m_promptIds;
    Usage m_usage;
};

}  // namespace millm::openai
