#pragma once

#include <QJsonObject>
#include <QString>

#include <utility>

namespace millm {
class Database;
class InferenceService;
class ModelService;
class SystemMonitor;
struct SystemSample;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::management {

/// /api/system and /api/health. Services thread.
class SystemController {
public:
    /// `device`: the setting ("auto", "cpu", "cuda:0").
    SystemController(QString device, ModelService &models, InferenceService &inference, SystemMonitor &system,
                     Database &database)
        : m_device(std::move(device)), m_models(models), m_inference(inference), m_system(system), m_database(database) {}

    void system(http::Exchange &exchange);
    void health(http::Exchange &exchange);
    void ready(http::Exchange &exchange);

    /// What /api/system answers and system:metrics carries.
    QJsonObject snapshot(const SystemSample &sample) const;

private:
    const QString m_device;
    ModelService &m_models;
    InferenceService &m_inference;
    SystemMonitor &m_system;
    Database &m_database;
};

}  // namespace millm::management
