#include "core/server/management/system_controller.h"

#include "core/base/errors.h"
#include "core/inference/inference_service.h"
#include "core/models/model_service.h"
#include "core/server/http/exchange.h"
#include "core/server/management/model_controller.h"
#include "core/server/management/model_json.h"
#include "core/storage/database.h"
#include "core/system/system_monitor.h"

#include <QJsonArray>
#include <QTimer>

#include <cmath>

namespace millm::management {
namespace {

using namespace Qt::StringLiterals;
constexpr auto databaseTime = std::chrono::seconds(2);

double rounded(double percent) {
    return std::round(percent * 10) / 10;
}

QJsonArray gpusJson(const QList<GpuSample> &gpus) {
    QJsonArray list;
    for (const GpuSample &gpu : gpus) {
        list.append(
            QJsonObject{{u"index"_s, gpu.index},
                        {u"name"_s, gpu.name},
                        {u"utilisation"_s, rounded(gpu.utilisation)},
                        {u"vram_used_mb"_s, errors::mebibytes(gpu.memoryUsed)},
                        {u"vram_total_mb"_s, errors::mebibytes(gpu.memoryTotal)},
                        {u"temperature"_s, gpu.temperature < 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(gpu.temperature)}});
    }
    return list;
}

QJsonArray downloadsJson(const ModelService &models) {
    QJsonArray list;
    for (const Model &model : models.models()) {
        if (model.state != ModelState::Downloading && model.state != ModelState::Queued) continue;
        const auto progress = models.downloadProgress(model.id);
        list.append(QJsonObject{{u"model_id"_s, model.id},
                                {u"name"_s, model.name},
                                {u"queued"_s, model.state == ModelState::Queued},
                                {u"progress"_s, progress ? progress->progress : 0.0}});
    }
    return list;
}

QJsonObject kvCacheJson(const engine::StateUse &use) {
    return {{u"limit_mb"_s, errors::mebibytes(qint64(use.limit))},
            {u"used_mb"_s, errors::mebibytes(qint64(use.live))},
            {u"kept_mb"_s, errors::mebibytes(qint64(use.kept))},
            {u"running"_s, qint64(use.running)},
            {u"waiting"_s, qint64(use.waiting)}};
}

}  // namespace

QJsonObject SystemController::snapshot(const SystemSample &sample) const {
    const auto loaded = m_inference.loaded();
    QJsonValue loadedModel = QJsonValue::Null;
    if (loaded) {
        loadedModel = QJsonObject{{u"id"_s, loaded->modelId},
                                  {u"name"_s, loaded->name},
                                  {u"device"_s, loaded->device},
                                  {u"compute_type"_s, loaded->computeType},
                                  {u"context_length"_s, loaded->contextLength},
                                  {u"memory_mb"_s, errors::mebibytes(m_inference.memoryUse().totalBytes())},
                                  {u"memory"_s, memoryJson(m_models.model(loaded->modelId).value_or(Model()))},
                                  {u"kv_cache"_s, kvCacheJson(m_inference.stateUse())},
                                  {u"loaded_at"_s, timeText(loaded->loadedAt)}};
    }
    const QString automatic = sample.gpus.isEmpty() ? u"cpu"_s : u"cuda:0"_s;
    const QString idleDevice = m_device == "auto"_L1 ? automatic : m_device;
    return {
        {u"cpu"_s, QJsonObject{{u"name"_s, sample.cpuName}, {u"percent"_s, rounded(sample.cpuPercent)}}},
        {u"ram"_s, QJsonObject{{u"used_mb"_s, errors::mebibytes(sample.memoryUsed)},
                               {u"total_mb"_s, errors::mebibytes(sample.memoryTotal)},
                               {u"process_mb"_s, errors::mebibytes(sample.processMemory)}}},
        {u"gpus"_s, gpusJson(sample.gpus)},
        {u"device"_s, loaded ? loaded->device : idleDevice},
        {u"loaded_model"_s, loadedModel},
        {u"cache_size_mb"_s, errors::mebibytes(m_models.cacheBytes())},
        {u"disk_free_mb"_s, errors::mebibytes(sample.diskFree)},
        {u"disk_total_mb"_s, errors::mebibytes(sample.diskTotal)},
        {u"downloads"_s, downloadsJson(m_models)},
        {u"pending_requests"_s, m_inference.pendingRequests()},
    };
}

void SystemController::system(http::Exchange &exchange) {
    answer(exchange, 200, snapshot(m_system.last()));
}

void SystemController::health(http::Exchange &exchange) {
    answer(exchange, 200, QJsonObject{{u"status"_s, u"ok"_s}});
}

void SystemController::ready(http::Exchange &exchange) {
    const auto notReady = [&exchange] {
        exchange.send(http::errorResponse(exchange.errorStyle(), errors::internal(u"The database does not answer."_s), 503));
    };
    auto *timer = new QTimer(&exchange);
    timer->setSingleShot(true);
    QObject::connect(timer, &QTimer::timeout, &exchange, notReady);
    timer->start(databaseTime);
    exchange.when(m_database.ping(), [&exchange, notReady](bool answers) {
        if (answers)
            answer(exchange, 200, QJsonObject{{u"status"_s, u"ready"_s}});
        else
            notReady();
    });
}

}  // namespace millm::management
