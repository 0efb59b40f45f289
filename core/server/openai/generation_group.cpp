#include "core/server/openai/generation_group.h"

#include "core/server/http/exchange.h"

#include <algorithm>
#include <utility>

namespace millm::openai {

GenerationGroup::GenerationGroup(InferenceService &inference, qsizetype count, Maker request, http::Exchange &exchange)
    : QObject(&exchange), m_inference(inference), m_exchange(exchange), m_count(count), m_request(std::move(request)) {
    connect(&exchange, &http::Exchange::stopAsked, this, &GenerationGroup::failAll);
}

void GenerationGroup::start() {
    auto places = m_inference.reserve(int(std::min<qsizetype>(m_count, atOnce)));
    if (!places) {
        const auto fail = [this, error = places.error()] { failAll(error); };
        QMetaObject::invokeMethod(this, fail, Qt::QueuedConnection);  // as all that goes wrong later is told
        return;
    }
    m_places = *std::move(places);
    submitSome();
}

void GenerationGroup::submitSome() {
    while (m_running.size() < atOnce && m_next < m_count) submitNext();
    if (m_next == m_count) m_places.reset();  // those that run keep them
}

void GenerationGroup::submitNext() {
    const qsizetype index = m_next++;
    Generation *generation = m_inference.submit(m_request(index), this, m_places);
    m_running.append(generation);
    connect(generation, &Generation::started, this,
            [this, generation, index](const QList<qint32> &ids) { Q_EMIT started(index, ids, generation->opensReasoning()); });
    connect(generation, &Generation::chunk, this, [this, index](const TokenChunk &piece) {
        if (m_failed) return;
        Q_EMIT m_exchange.tokensMade(piece.tokens.size());
        Q_EMIT chunk(index, piece);
    });
    connect(generation, &Generation::finished, this, [this, generation, index](const GenerationSummary &summary) {
        if (m_failed) return;
        m_running.removeOne(generation);
        ++m_finished;
        Q_EMIT finished(index, summary);
        if (m_finished == m_count)
            Q_EMIT allFinished();
        else
            submitSome();
    });
    connect(generation, &Generation::failed, this, [this, generation](const Error &error) {
        m_running.removeOne(generation);
        failAll(error);
    });
}

void GenerationGroup::failAll(const Error &error) {
    if (std::exchange(m_failed, true)) return;
    m_places.reset();
    for (Generation *running : std::as_const(m_running)) running->cancel();
    Q_EMIT failed(error);
}

}  // namespace millm::openai
