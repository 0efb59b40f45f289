#include "core/models/idle_unload.h"

#include "core/base/log_categories.h"
#include "core/inference/inference_service.h"
#include "core/models/model_service.h"

namespace millm {

IdleUnload::IdleUnload(ModelService &models, InferenceService &inference, std::chrono::milliseconds after, QObject *parent)
    : QObject(parent), m_models(models), m_inference(inference) {
    if (after.count() <= 0) return;
    m_clock.setSingleShot(true);
    m_clock.setInterval(after);
    connect(&m_clock, &QTimer::timeout, this, &IdleUnload::unload);
    connect(&inference, &InferenceService::loadedChanged, this, &IdleUnload::wait);
    connect(&inference, &InferenceService::pendingChanged, this, &IdleUnload::wait);
}

void IdleUnload::wait() {
    if (m_inference.loaded() && m_inference.pendingRequests() == 0)
        m_clock.start();
    else
        m_clock.stop();
}

void IdleUnload::unload() {
    const auto loaded = m_inference.loaded();
    if (!loaded || !m_inference.accepting()) return;
    qCInfo(modelsLog, "%s is unloaded: nobody has asked it for %lld s", qUtf8Printable(loaded->name),
           qint64(m_clock.intervalAsDuration() / std::chrono::seconds(1)));
    m_models.unload(loaded->modelId);
}

}  // namespace millm
