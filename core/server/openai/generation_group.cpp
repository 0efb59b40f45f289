#include "core/server/openai/generation_group.h"

#include "core/inference/inference_service.h"

namespace millm::openai {

GenerationGroup::GenerationGroup(InferenceService &inference, qsizetype count, Maker request, QObject *parent)
    : QObject(parent), m_inference(inference), m_count(count), m_request(std::move(request)) {}

void GenerationGroup::start() {
    while (m_running.size() < atOnce && m_next < m_count) submitNext();
}

void GenerationGroup::submitNext() {
    const qsizetype index = m_next++;
    Generation *generation = m_inference.submit(m_request(index), this);
    m_running.append(generation);
    connect(generation, &Generation::started, this,
            [this, generation, index](const QList<qint32> &ids) { Q_EMIT started(index, ids, generation->opensReasoning()); });
    connect(generation, &Generation::chunk, this, [this, index](const TokenChunk &piece) { Q_EMIT chunk(index, piece); });
    connect(generation, &Generation::finished, this, [this, generation, index](const GenerationSummary &summary) {
        if (m_failed) return;
        m_running.removeOne(generation);
        ++m_finished;
        Q_EMIT finished(index, summary);
        if (m_finished == m_count)
            Q_EMIT allFinished();
        else
            start();
    });
    connect(generation, &Generation::failed, this, [this, generation](const Error &error) {
        if (m_failed) return;
        m_failed = true;
        m_running.removeOne(generation);
        for (Generation *other : std::as_const(m_running)) other->cancel();
        Q_EMIT failed(error);
    });
}

}  // namespace millm::openai
