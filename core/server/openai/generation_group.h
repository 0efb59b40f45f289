#pragma once

#include "core/base/error.h"
#include "core/inference/inference_service.h"

#include <QList>
#include <QObject>

#include <functional>

namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// The generations of one HTTP request: each prompt times each choice. Some at a time, so that one client's hundred prompts
/// leave the queue open for others; their places are taken at once, so that it is let in whole or not at all. The first failure
/// ends all. Deleting it cancels. Services thread.
class GenerationGroup : public QObject {
    Q_OBJECT
public:
    /// `request` makes the one of that number when its turn comes: a hundred copies of long prompts would wait otherwise.
    using Maker = std::function<GenerationRequest(qsizetype index)>;
    /// `exchange`: what it is made for; it ends with it, and is told how many tokens are made.
    GenerationGroup(InferenceService &inference, qsizetype count, Maker request, http::Exchange &exchange);

    void start();

Q_SIGNALS:
    void started(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning);
    void chunk(qsizetype index, const millm::TokenChunk &chunk);
    void finished(qsizetype index, const millm::GenerationSummary &summary);
    void allFinished();
    void failed(const millm::Error &error);

private:
    void submitSome();
    void submitNext();
    void failAll(const Error &error);
    static constexpr int atOnce = 16;

    InferenceService &m_inference;
    http::Exchange &m_exchange;
    const qsizetype m_count;
    const Maker m_request;
    QueuePlaces m_places;  ///< while some are still to come
    QList<Generation *> m_running;
    qsizetype m_next = 0, m_finished = 0;
    bool m_failed = false;
};

}  // namespace millm::openai
