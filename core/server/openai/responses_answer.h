#pragma once

#include "core/server/http/event_stream.h"
#include "core/server/openai/chat_run.h"

#include <QJsonArray>
#include <QObject>

namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// One /v1/responses under way: items of reasoning, text and function calls, as one JSON answer or a stream of events. Child of
/// the exchange, so that a client that leaves ends it. Services thread.
class ResponsesAnswer : public QObject {
    Q_OBJECT
public:
    /// `body`: the request, parts of which an answer repeats. `totals` outlives this.
    ResponsesAnswer(http::Exchange &exchange, InferenceService &inference, const ChatRequest &request, const QJsonObject &body,
                    TokenTotals &totals);

private:
    void begin();
    void tell(const AnswerPart &part, const QString &callId);
    void close(const GenerationSummary &summary);
    void fail(const Error &error);
    /// Begins an item, and its one part of that type where it has one.
    void open(QJsonObject item, const QString &partType);
    void closeItem();
    void send(const QString &type, QJsonObject event);
    /// The same about the last item's part.
    void sendOfPart(const QString &type, QJsonObject event);
    QJsonObject part() const;
    QJsonObject response() const;

    http::Exchange &m_exchange;
    const bool m_streams;
    const QJsonObject m_body;
    const QString m_id, m_model;
    const qint64 m_created;
    ChatRun *m_run;
    http::EventStream *m_stream = nullptr;
    QJsonArray m_items;  ///< those that are complete
    QJsonObject m_item;  ///< the last one, while it is open
    QString m_partType;  ///< of its part: "output_text", "reasoning_text"; empty: it has none
    std::string m_text;  ///< of its part
    QString m_status = QStringLiteral("in_progress");
    qint64 m_events = 0;
};

}  // namespace millm::openai
