#pragma once

#include "core/base/settings.h"
#include "core/downloads/download_queue.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "core/inference/inference_service.h"
#include "core/inference/request_journal.h"
#include "core/models/idle_unload.h"
#include "core/models/model_search.h"
#include "core/models/model_service.h"
#include "core/server/server.h"
#include "core/storage/database.h"
#include "core/system/system_monitor.h"

#include <QThread>

#include <chrono>
#include <functional>
#include <memory>

namespace millm {

/// The parts list: every service, made in the order of need and taken down in reverse. Lives wholly in the services thread.
struct Services {
    explicit Services(const Settings &settings)
        : database(settings.databaseUrl),
          hub(settings),
          inspector(hub),
          downloads(hub, settings.downloadLimit),
          inference(settings),
          system(settings.modelCacheDir),
          models(settings, database, inspector, downloads, inference, system),
          idleUnload(models, inference, std::chrono::minutes(settings.idleUnloadMinutes)),
          search(hub, inference),
          server(settings, {models, search, inference, system, database, hub, requests}) {}

    Database database;
    HubClient hub;
    RepositoryInspector inspector;
    DownloadQueue downloads;
    InferenceService inference;
    SystemMonitor system;
    ModelService models;
    IdleUnload idleUnload;
    ModelSearch search;
    RequestJournal requests;
    Server server;
};

/// The services' thread and its parts. Made and destroyed in the main thread, which hears of the start and the end by futures.
class ServiceThread {
public:
    explicit ServiceThread(const Settings &settings);
    /// Ends what is still under way (within shutDownSeconds), takes the parts down, joins.
    ~ServiceThread();
    static constexpr int shutDownSeconds = 4;

    Services &parts() { return *m_parts; }

    enum class Stage { Database, Models, Server };
    struct Started {
        Stage stage = Stage::Server;  ///< the last one begun: where `error` is set, the one that failed
        std::optional<Error> error;
        QUrl url;
    };
    /// Opens the database, reads the models, listens.
    QFuture<Started> start();

private:
    Settings m_settings;
    QThread m_thread;
    std::unique_ptr<QObject> m_context;  ///< an object of the services thread, to run code there
    std::unique_ptr<Services> m_parts;
};

}  // namespace millm
