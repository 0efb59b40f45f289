#pragma once

#include "core/base/error.h"
#include "core/inference/requests.h"

#include <QList>
#include <QObject>

#include <functional>

namespace millm {
class Generation;
class InferenceService;
}  // namespace millm

namespace millm::openai {

/// The generations of one HTTP request: each prompt times each choice. Some at a time, so that one client's hundred prompts
/// leave the queue open for others. The first failure ends all. Deleting it cancels. Services thread.
class GenerationGroup : public QObject {
    Q_OBJECT
public:
    GenerationGroup(InferenceService &inference, QList<GenerationRequest> requests, QObject *parent);

    void start();
    qint64 promptTokens(qsizetype index) const { return m_promptTokens[index]; }

Q_SIGNALS:
    void started(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning);
    void chunk(qsizetype index, const millm::TokenChunk &chunk);
    void finished(qsizetype index, const millm::GenerationSummary &summary);
    void allFinished();
    void failed(const millm::Error &error);

private:
    void submitNext();
    static constexpr int atOnce = 16;

    InferenceService &m_inference;
    QList<GenerationRequest> m_requests;
    QList<qint64> m_promptTokens;
    QList<Generation *> m_running;
    qsizetype m_next = 0, m_finished = 0;
    bool m_failed = false;
};

}  // namespace millm::openai
