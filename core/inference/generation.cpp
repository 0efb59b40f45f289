#include "core/inference/engine_worker.h"
#include "core/inference/generation_shared.h"

namespace millm {

Generation::Generation(quint64 id, std::shared_ptr<Shared> shared, QObject *parent)
    : QObject(parent), m_id(id), m_shared(std::move(shared)) {}

Generation::~Generation() {
    cancel();
}

bool Generation::opensReasoning() const {
    return m_shared->opensReasoning;
}

void Generation::cancel() {
    if (m_shared->ended || m_shared->cancelled.exchange(true)) return;
    m_shared->engine->post([id = m_id](EngineWorker &worker) { worker.cancel(id); });
}

}  // namespace millm
