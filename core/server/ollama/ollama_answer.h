#pragma once

#include "core/server/http/json_lines.h"
#include "core/server/openai/chat_run.h"

#include <QElapsedTimer>
#include <QObject>

#include <optional>

namespace millm::http {
class Exchange;
}

namespace millm::ollama {

/// One /api/chat or /api/generate under way, as lines of JSON or as one object. Child of the exchange, so that a client that
/// leaves ends it. Services thread.
class OllamaAnswer : public QObject {
    Q_OBJECT
public:
    enum class Form { Chat, Generate };
    /// `totals` outlives this.
    OllamaAnswer(http::Exchange &exchange, InferenceService &inference, openai::ChatRequest request, Form form,
                 openai::TokenTotals &totals);

private:
    void begin();
    void tell(const AnswerPart &part);
    void close(const GenerationSummary &summary);
    void fail(const Error &error);
    /// A piece of the answer, or all of it.
    QJsonObject said(const QString &text, const QString &thinking, const QJsonArray &calls, bool done) const;

    http::Exchange &m_exchange;
    const Form m_form;
    const bool m_streams;
    const QString m_model;
    QElapsedTimer m_clock;
    openai::ChatRun *m_run;
    std::optional<http::JsonLines> m_lines;
    std::string m_text, m_thinking;  ///< of a whole answer
    QJsonArray m_calls;
};

}  // namespace millm::ollama
