#include "ui/service_link.h"

#include "core/base/futures.h"
#include "core/hub/repository_inspector.h"
#include "core/inference/inference_service.h"
#include "core/inference/request_journal.h"
#include "core/models/model_service.h"
#include "core/system/system_monitor.h"
#include "ui/app.h"

#include <QHash>
#include <QPointer>

namespace millm {

namespace {

/// The chat's requests at the inference service. Generations live in the services thread and are touched only there; here
/// they are only numbers.
class InferenceChat : public ChatBackend {
public:
    InferenceChat(InferenceService &inference, RequestJournal &requests)
        // Both threads hold the relay, so it must not be deleted in the services thread.
        : m_inference(inference), m_requests(requests), m_relay(new Relay, [](Relay *relay) { relay->deleteLater(); }) {
        m_relay->owner = this;
        connect(&requests, &RequestJournal::stopAsked, this, [this](quint64 record) {
            for (auto live = m_live.cbegin(); live != m_live.cend(); ++live)
                if (live.value() == record) cancel(live.key());
        });
    }

    ~InferenceChat() override {
        m_relay->owner = nullptr;
        for (const quint64 ticket : m_live.keys()) cancel(ticket);
    }

    void submit(quint64 ticket, const GenerationRequest &request) override {
        const quint64 record = m_requests.begin({.ofWindow = true});
        m_live.insert(ticket, record);
        // Connected in the thread of the generation, before it can say anything (its signals are queued).
        QMetaObject::invokeMethod(
            &m_inference, [=, inference = &m_inference, requests = &m_requests, running = m_running, relay = m_relay] {
                if (const auto loaded = inference->loaded()) requests->nameModel(record, loaded->name);
                Generation *generation = inference->submit(request, inference);
                running->insert(ticket, generation);
                QObject::connect(generation, &QObject::destroyed, inference, [=] { running->remove(ticket); });
                QObject::connect(generation, &Generation::started, generation, [=] {
                    const bool opens = generation->opensReasoning();
                    QMetaObject::invokeMethod(relay.get(), [=] {
                        if (relay->owner) Q_EMIT relay->owner->started(ticket, opens);
                    });
                });
                QObject::connect(generation, &Generation::chunk, relay.get(), [=](const TokenChunk &chunk) {
                    if (relay->owner) relay->owner->pass(ticket, chunk);
                });
                QObject::connect(generation, &Generation::finished, relay.get(), [=](const GenerationSummary &summary) {
                    if (relay->owner) relay->owner->end(ticket, summary);
                });
                QObject::connect(generation, &Generation::failed, relay.get(), [=](const Error &error) {
                    if (relay->owner) relay->owner->fail(ticket, error);
                });
            });
    }

    void cancel(quint64 ticket) override {
        if (!m_live.contains(ticket)) return;
        QMetaObject::invokeMethod(&m_inference, [running = m_running, ticket] {
            if (const auto generation = running->value(ticket)) generation->cancel();
        });
    }

private:
    /// Receives in the GUI thread for as long as a generation may speak, also when the chat is gone.
    struct Relay : QObject {
        InferenceChat *owner = nullptr;
    };

    void pass(quint64 ticket, const TokenChunk &chunk) {
        m_requests.addTokens(m_live.value(ticket), chunk.tokens.size());
        Q_EMIT ChatBackend::chunk(ticket, chunk.text);
    }
    void end(quint64 ticket, const GenerationSummary &summary) {
        constexpr int well = 200;
        m_requests.end(m_live.take(ticket), summary.reason == engine::FinishReason::Cancelled ? 0 : well);
        Q_EMIT finished(ticket, summary);
    }
    void fail(quint64 ticket, const Error &error) {
        constexpr int broken = 500;
        m_requests.end(m_live.take(ticket), broken);
        Q_EMIT failed(ticket, error);
    }

    InferenceService &m_inference;
    RequestJournal &m_requests;
    std::shared_ptr<Relay> m_relay;
    QHash<quint64, quint64> m_live;  ///< ticket -> the journal's record; GUI thread
    /// Services thread only.
    std::shared_ptr<QHash<quint64, QPointer<Generation>>> m_running = std::make_shared<QHash<quint64, QPointer<Generation>>>();
};

}  // namespace

ServiceLink::ServiceLink(ModelService &models, ModelSearch &search, InferenceService &inference, SystemMonitor &system,
                         RequestJournal &requests)
    : m_models(models),
      m_search(search),
      m_inference(inference),
      m_system(system),
      m_chat(std::make_unique<InferenceChat>(inference, requests)) {}

ServiceLink::~ServiceLink() = default;

void ServiceLink::feed(App &app) {
    feedModels(app);
    feedCacheBytes(app);
    feedChat(app);
    QObject::connect(&m_system, &SystemMonitor::sampled, app.system(), &SystemStatus::setSample);
}

void ServiceLink::feedModels(App &app) {
    ModelList *list = app.models();
    // Connected before the records are read: what happens in between comes before or after them in order, and upsert() takes
    // both.
    QObject::connect(&m_models, &ModelService::modelCreated, list, &ModelList::upsert);
    QObject::connect(&m_models, &ModelService::modelUpdated, list, &ModelList::upsert);
    QObject::connect(&m_models, &ModelService::modelDeleted, list, &ModelList::drop);
    QObject::connect(&m_models, &ModelService::downloadProgressed, list, &ModelList::setDownloadProgress);
    QObject::connect(&m_models, &ModelService::loadProgressed, list, &ModelList::setLoadProgress);
    QObject::connect(&m_models, &ModelService::unloadProgressed, list, &ModelList::setUnloadProgress);
    QObject::connect(&m_models, &ModelService::modelUpdated, &app, &App::onModelUpdated);
    QObject::connect(&m_models, &ModelService::gathering, app.gathering(), &Gathering::setProgress);
    QObject::connect(&m_models, &ModelService::downloadCompleted, &app, &App::onDownloadCompleted);
    QObject::connect(&m_models, &ModelService::downloadFailed, &app, &App::onDownloadFailed);
    QObject::connect(&m_models, &ModelService::loadCompleted, &app, &App::onLoadCompleted);
    QObject::connect(&m_models, &ModelService::loadFailed, &app, &App::onLoadFailed);
    QObject::connect(&m_models, &ModelService::unloadCompleted, &app, &App::onUnloadCompleted);
    // The service has its records only when its start is over, and tells of none of them by itself.
    QObject::connect(app.server(), &ServerState::changed, list,
                     [this, server = app.server(), list, conversations = app.chat()->conversations()] {
                         const bool over =
                             server->state() == ServerState::State::Serving || server->state() == ServerState::State::Error;
                         if (!over) return;
                         runOn(&m_models, [service = &m_models] {
                             return service->models();
                         }).then(list, [list](const QList<Model> &models) { list->setModels(models); });
                         conversations->reload();
                     });
}

void ServiceLink::feedCacheBytes(App &app) {
    ModelList *list = app.models();
    const auto ask = [this, list] {
        runOn(&m_models, [service = &m_models] { return service->cacheBytes(); }).then(list, [list](qint64 bytes) {
            list->setCacheBytes(bytes);
        });
    };
    QObject::connect(&m_models, &ModelService::modelUpdated, list, ask);
    QObject::connect(&m_models, &ModelService::modelDeleted, list, ask);
    QObject::connect(app.server(), &ServerState::changed, list, ask);
}

void ServiceLink::feedChat(App &app) {
    const auto ask = [this, &app] {
        runOn(&m_inference, [service = &m_inference] {
            return service->loaded();
        }).then(&app, [&app](const std::optional<LoadedModel> &loaded) {
            const ModelUse use = loaded ? loaded->use() : ModelUse::Chat;
            app.chat()->setModel(loaded ? loaded->name : QString(), use, loaded ? loaded->contextLength : 0);
            app.models()->setModelUse(use);
        });
    };
    QObject::connect(&m_inference, &InferenceService::loadedChanged, &app, ask);
    QObject::connect(&m_inference, &InferenceService::pendingChanged, app.closing(), &Closing::setPendingAnswers);
    ask();
}

Result<QString> ServiceLink::normaliseRepoId(const QString &text) const {
    return RepositoryInspector::normalise(text);
}

QFuture<Result<QList<FoundModel>>> ServiceLink::search(const SearchRequest &request, std::stop_token stop) {
    return runOn(&m_search, [=, service = &m_search] { return service->find(request, stop); });
}

QFuture<Result<ModelPreview>> ServiceLink::preview(const QString &repoId, const QString &token) {
    return runOn(&m_models, [=, service = &m_models] { return service->preview(repoId, token); });
}

QFuture<Result<Model>> ServiceLink::download(const DownloadRequest &request) {
    return runOn(&m_models, [=, service = &m_models] { return service->download(request); });
}

QFuture<Result<Model>> ServiceLink::quantize(qint64 id, engine::Scheme scheme) {
    return runOn(&m_models, [=, service = &m_models] { return service->quantize(id, scheme); });
}

QFuture<Result<Model>> ServiceLink::addLocal(const LocalRequest &request) {
    return runOn(&m_models, [=, service = &m_models] { return service->addLocal(request); });
}

QFuture<Result<void>> ServiceLink::cancel(qint64 id) {
    return runOn(&m_models, [=, service = &m_models] { return service->cancel(id); });
}

QFuture<Result<void>> ServiceLink::moveInQueue(qint64 id, int by) {
    return runOn(&m_models, [=, service = &m_models] { return service->moveInQueue(id, by); });
}

QFuture<Result<Model>> ServiceLink::retry(qint64 id) {
    return runOn(&m_models, [=, service = &m_models] { return service->retry(id); });
}

QFuture<Result<QList<MemoryCheck>>> ServiceLink::checkMemory(qint64 id) {
    return runOn(&m_models, [=, service = &m_models] { return service->checkMemory(id); });
}

QFuture<Result<Model>> ServiceLink::load(qint64 id, const LoadRequest &request) {
    return runOn(&m_models, [=, service = &m_models] { return service->load(id, request); });
}

QFuture<Result<Model>> ServiceLink::unload(qint64 id) {
    return runOn(&m_models, [=, service = &m_models] { return service->unload(id); });
}

QFuture<Result<Model>> ServiceLink::rename(qint64 id, const QString &name) {
    return runOn(&m_models, [=, service = &m_models] { return service->rename(id, name); });
}

QFuture<Elsewhere> ServiceLink::elsewhere() {
    return runOn(&m_models, [service = &m_models] { return service->elsewhere(); });
}

QFuture<Result<int>> ServiceLink::gather() {
    return runOn(&m_models, [service = &m_models] { return service->gather(); });
}

void ServiceLink::stopGathering() {
    runOn(&m_models, [service = &m_models] { service->stopGathering(); });
}

QFuture<Result<void>> ServiceLink::remove(qint64 id) {
    return runOn(&m_models, [=, service = &m_models] { return service->remove(id); });
}

}  // namespace millm
