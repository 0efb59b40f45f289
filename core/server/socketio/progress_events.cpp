#include "core/server/socketio/progress_events.h"

#include "core/models/model_service.h"
#include "core/server/management/model_json.h"
#include "core/server/management/system_controller.h"
#include "core/server/socketio/event_server.h"
#include "core/system/system_monitor.h"

namespace millm::socketio {
namespace {

using namespace Qt::StringLiterals;
using management::toJson;

QJsonObject about(const Model &model) {
    return {{u"model_id"_s, model.id}, {u"model"_s, toJson(model)}};
}

QJsonObject about(qint64 id, const Error &error) {
    return {{u"model_id"_s, id}, {u"error"_s, QJsonObject{{u"code"_s, errorId(error.code)}, {u"message"_s, error.message}}}};
}

/// The PRD's stages; unloading the previous model is told by model:unload:progress instead.
QLatin1StringView stageName(LoadStage stage) {
    switch (stage) {
        case LoadStage::UnloadingPrevious:
            return {};
        case LoadStage::LoadingWeights:
            return "loading_weights"_L1;
        case LoadStage::Quantizing:
            return "quantizing"_L1;
        case LoadStage::MovingToGpu:
            return "moving_to_gpu"_L1;
    }
    return {};
}

/// Nothing happens to it, and requests find it as it is: the list of models says all.
bool isAtRest(const Model &model) {
    return model.state == ModelState::Ready || model.state == ModelState::DownloadFailed ||
           model.state == ModelState::LoadFailed;
}

QByteArray keyFor(const char *what, qint64 id) {
    return QByteArray(what) + QByteArray::number(id);
}

}  // namespace

ProgressEvents::ProgressEvents(EventServer &events, ModelService &models, SystemMonitor &system,
                               const management::SystemController &snapshots, QObject *parent)
    : QObject(parent), m_events(events), m_models(models) {
    events.setState([this](const QByteArray &) { return state(); });
    connect(&models, &ModelService::modelCreated, this, [this](const Model &model) { tell(u"model:created"_s, about(model)); });
    connect(&models, &ModelService::modelUpdated, this, [this](const Model &model) {
        if (isAtRest(model) || model.state == ModelState::Loaded) m_progress.remove(model.id);
        tell(u"model:updated"_s, about(model), keyFor("u", model.id));
    });
    connect(&models, &ModelService::modelDeleted, this, [this](qint64 id) {
        m_progress.remove(id);
        tell(u"model:deleted"_s, {{u"model_id"_s, id}});
    });
    connect(&models, &ModelService::downloadProgressed, this, [this](const DownloadProgress &progress) {
        progressed(progress.modelId, {.name = u"model:download:progress"_s,
                                      .payload = {{u"model_id"_s, progress.modelId},
                                                  {u"progress"_s, progress.progress},
                                                  {u"bytes_downloaded"_s, progress.bytesDownloaded},
                                                  {u"total_bytes"_s, progress.totalBytes},
                                                  {u"speed_mbps"_s, progress.speedMbps}},
                                      .key = keyFor("d", progress.modelId)});
    });
    connect(&models, &ModelService::downloadCompleted, this,
            [this](const Model &model) { tell(u"model:download:complete"_s, about(model)); });
    connect(&models, &ModelService::downloadFailed, this,
            [this](qint64 id, const Error &error) { tell(u"model:download:error"_s, about(id, error)); });
    connect(&models, &ModelService::loadProgressed, this, [this](const LoadProgress &progress) {
        const QLatin1StringView stage = stageName(progress.stage);
        if (stage.isEmpty()) return;
        progressed(progress.modelId,
                   {.name = u"model:load:progress"_s,
                    .payload = {{u"model_id"_s, progress.modelId}, {u"stage"_s, stage}, {u"progress"_s, progress.progress}},
                    .key = keyFor("l", progress.modelId)});
    });
    connect(&models, &ModelService::loadCompleted, this,
            [this](const Model &model) { tell(u"model:load:complete"_s, about(model)); });
    connect(&models, &ModelService::loadFailed, this,
            [this](qint64 id, const Error &error) { tell(u"model:load:error"_s, about(id, error)); });
    connect(&models, &ModelService::unloadProgressed, this, [this](qint64 id, int pending) {
        progressed(id, {.name = u"model:unload:progress"_s,
                        .payload = {{u"model_id"_s, id}, {u"pending_requests"_s, pending}},
                        .key = keyFor("w", id)});
    });
    connect(&models, &ModelService::unloadCompleted, this,
            [this](const Model &model) { tell(u"model:unload:complete"_s, about(model)); });
    connect(&system, &SystemMonitor::sampled, this, [this, &snapshots](const SystemSample &sample) {
        if (m_events.listeners() > 0) tell(u"system:metrics"_s, snapshots.snapshot(sample), "metrics");
    });
}

void ProgressEvents::tell(const QString &name, const QJsonObject &payload, const QByteArray &key) {
    m_events.broadcast(nsp, {name, payload, key});
}

void ProgressEvents::progressed(qint64 model, const Event &event) {
    m_progress.insert(model, event);
    m_events.broadcast(nsp, event);
}

QList<Event> ProgressEvents::state() const {
    QList<Event> events;
    const QList<Model> models = m_models.models();
    for (const Model &model : models) {
        if (isAtRest(model)) continue;
        events.append({u"model:updated"_s, about(model), keyFor("u", model.id)});
        if (const auto progress = m_progress.constFind(model.id); progress != m_progress.cend()) events.append(*progress);
    }
    return events;
}

}  // namespace millm::socketio
