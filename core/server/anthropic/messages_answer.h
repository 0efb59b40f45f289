#pragma once

#include "core/server/http/event_stream.h"
#include "core/server/openai/chat_run.h"

#include <QJsonArray>
#include <QObject>

namespace millm::http {
class Exchange;
}

namespace millm::anthropic {

/// One /v1/messages under way: blocks of thinking, text and tool use, as one JSON answer or a stream of events. Child of the
/// exchange, so that a client that leaves ends it. Services thread.
class MessagesAnswer : public QObject {
    Q_OBJECT
public:
    /// `totals` outlives this.
    MessagesAnswer(http::Exchange &exchange, InferenceService &inference, openai::ChatRequest request,
                   openai::TokenTotals &totals);

private:
    void begin();
    void tell(const AnswerPart &part, const QString &callId);
    void close(const GenerationSummary &summary, bool called);
    void fail(const Error &error);
    /// Goes on in a block of that type, or begins it.
    void open(const QString &type, const QJsonObject &block);
    void closeBlock();
    void send(QJsonObject event);
    QJsonObject message() const;

    http::Exchange &m_exchange;
    const bool m_streams;
    const QString m_id, m_model;
    openai::ChatRun *m_run;
    http::EventStream *m_stream = nullptr;
    QJsonArray m_blocks;  ///< of a whole answer; of a stream only what tells their number
    QString m_openType;   ///< of the last block, while it is open
    QString m_reason, m_stopString;
};

}  // namespace millm::anthropic
