#pragma once

#include "core/base/error.h"
#include "core/inference/requests.h"

#include <QObject>

namespace millm {

/// Answers the chat page's requests. GUI thread: signals arrive there. Each ticket ends with exactly one of finished() and
/// failed(), also after cancel(). ServiceLink has the real one.
class ChatBackend : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    /// Starts a request; `ticket` is the caller's own number for it, never used twice.
    virtual void submit(quint64 ticket, const GenerationRequest &request) = 0;
    /// Stops within one token; finished() with reason Cancelled follows. Unknown tickets are ignored.
    virtual void cancel(quint64 ticket) = 0;

Q_SIGNALS:
    /// The prompt is accepted; `opensReasoning`: it ends inside of what the model thinks.
    void started(quint64 ticket, bool opensReasoning);
    void chunk(quint64 ticket, const QString &text);
    void finished(quint64 ticket, const millm::GenerationSummary &summary);
    void failed(quint64 ticket, const millm::Error &error);
};

}  // namespace millm
