#pragma once

#include "core/base/settings.h"
#include "core/downloads/download_queue.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "core/inference/inference_service.h"
#include "core/models/model_service.h"
#include "core/storage/database.h"
#include "core/system/system_monitor.h"
#include "tests/support/waiting.h"

#include <QTemporaryDir>

#include <memory>

namespace millm::testing {

/// All services wired as the program wires them, on a folder that outlives them: stop() and start() are a restart.
class ServiceRig {
public:
    ServiceRig(const QString &databaseUrl, const QUrl &hub);
    ~ServiceRig();

    void start();  ///< ends the program where the service does not start
    void stop();   ///< with shutDown()
    void kill();   ///< without: what a crash leaves

    ModelService &service() { return *m_service; }
    InferenceService &inference() { return *m_inference; }
    const QString &cacheDir() const { return settings.modelCacheDir; }
    /// Folders of finished downloads.
    QStringList downloads() const;
    /// Downloads and waits until it is ready.
    Model downloaded(const QString &repoId, engine::Scheme scheme = engine::Scheme::Plain);
    /// Loads and waits until it is loaded.
    Model loaded(qint64 id);
    ModelState state(qint64 id) const { return m_service->model(id)->state; }

    Settings settings;

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<HubClient> m_hub;
    std::unique_ptr<RepositoryInspector> m_inspector;
    std::unique_ptr<DownloadQueue> m_queue;
    std::unique_ptr<InferenceService> m_inference;
    std::unique_ptr<SystemMonitor> m_system;
    std::unique_ptr<ModelService> m_service;
};

}  // namespace millm::testing
