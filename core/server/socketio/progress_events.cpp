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

QByteArray keyFor(const char *what, qint64 id) {
    return QByteArray(what) + QByteArray::number(id);
}

}  // namespace

ProgressEvents::ProgressEvents(EventServer &events, ModelService &models, SystemMonitor &system,
                               const management::SystemController &snapshots, QObject *parent)
    : QObject(parent) {
    const auto tell = [&events](const QString &name, const QJsonObject &payload, const QByteArray &key = {}) {
        events.broadcast(nsp, name, payload, key);
    };
    connect(&models, &ModelService::modelCreated, this, [tell](const Model &model) { tell(u"model:created"_s, about(model)); });
    connect(&models, &ModelService::modelUpdated, this,
            [tell](const Model &model) { tell(u"model:updated"_s, about(model), keyFor("u", model.id)); });
    connect(&models, &ModelService::modelDeleted, this, [tell](qint64 id) { tell(u"model:deleted"_s, {{u"model_id"_s, id}}); });
    connect(&models, &ModelService::downloadProgressed, this, [tell](const DownloadProgress &progress) {
        tell(u"model:download:progress"_s,
             {{u"model_id"_s, progress.modelId},
              {u"progress"_s, progress.progress},
              {u"bytes_downloaded"_s, progress.bytesDownloaded},
              {u"total_bytes"_s, progress.totalBytes},
              {u"speed_mbps"_s, progress.speedMbps}},
             keyFor("d", progress.modelId));
    });
    connect(&models, &ModelService::downloadCompleted, this,
            [tell](const Model &model) { tell(u"model:download:complete"_s, about(model)); });
    connect(&models, &ModelService::downloadFailed, this,
            [tell](qint64 id, const Error &error) { tell(u"model:download:error"_s, about(id, error)); });
    connect(&models, &ModelService::loadProgressed, this, [tell](const LoadProgress &progress) {
        const QLatin1StringView stage = stageName(progress.stage);
        if (stage.isEmpty()) return;
        tell(u"model:load:progress"_s,
             {{u"model_id"_s, progress.modelId}, {u"stage"_s, stage}, {u"progress"_s, progress.progress}},
             keyFor("l", progress.modelId));
    });
    connect(&models, &ModelService::loadCompleted, this,
            [tell](const Model &model) { tell(u"model:load:complete"_s, about(model)); });
    connect(&models, &ModelService::loadFailed, this,
            [tell](qint64 id, const Error &error) { tell(u"model:load:error"_s, about(id, error)); });
    connect(&models, &ModelService::unloadProgressed, this, [tell](qint64 id, int pending) {
        tell(u"model:unload:progress"_s, {{u"model_id"_s, id}, {u"pending_requests"_s, pending}}, keyFor("w", id));
    });
    connect(&models, &ModelService::unloadCompleted, this,
            [tell](const Model &model) { tell(u"model:unload:complete"_s, about(model)); });
    connect(&system, &SystemMonitor::sampled, this, [&events, &snapshots, tell](const SystemSample &sample) {
        if (events.listeners() > 0) tell(u"system:metrics"_s, snapshots.snapshot(sample), "metrics");
    });
}

}  // namespace millm::socketio
