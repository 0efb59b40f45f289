#pragma once

#include "ui/chat_backend.h"
#include "ui/model_actions.h"

#include <memory>

namespace millm {

class App;
class InferenceService;
class ModelSearch;
class ModelService;
class RequestJournal;
class SystemMonitor;

/// The window's end of the services: the only place of this layer that knows they live in another thread. Made and used in
/// the GUI thread; the services must outlive it.
class ServiceLink : public ModelActions {
public:
    /// `requests`: where the chat's are written down.
    ServiceLink(ModelService &models, ModelSearch &search, InferenceService &inference, SystemMonitor &system,
                RequestJournal &requests);
    ~ServiceLink() override;

    ChatBackend &chat() const { return *m_chat; }
    /// Connects every fact of the services to `app`. Once, before the services start: the records are read when the server's
    /// state says that the start is over (Serving or Error); until then the list says that it loads.
    void feed(App &app);

    Result<QString> normaliseRepoId(const QString &text) const override;
    QFuture<Result<QList<FoundModel>>> search(const SearchRequest &request, std::stop_token stop) override;
    QFuture<Result<ModelPreview>> preview(const QString &repoId, const QString &token) override;
    QFuture<Result<Model>> download(const DownloadRequest &request) override;
    QFuture<Result<Model>> quantize(qint64 id, engine::Scheme scheme) override;
    QFuture<Result<Model>> addLocal(const LocalRequest &request) override;
    QFuture<Result<void>> cancel(qint64 id) override;
    QFuture<Result<void>> moveInQueue(qint64 id, int by) override;
    QFuture<Result<Model>> retry(qint64 id) override;
    QFuture<Result<QList<MemoryCheck>>> checkMemory(qint64 id) override;
    QFuture<Result<Model>> load(qint64 id, const LoadRequest &request) override;
    QFuture<Result<Model>> unload(qint64 id) override;
    QFuture<Result<void>> remove(qint64 id) override;
    QFuture<Elsewhere> elsewhere() override;
    QFuture<Result<int>> gather() override;
    void stopGathering() override;
    QFuture<Result<Model>> rename(qint64 id, const QString &name) override;

private:
    void feedModels(App &app);
    void feedCacheBytes(App &app);
    void feedChat(App &app);

    ModelService &m_models;
    ModelSearch &m_search;
    InferenceService &m_inference;
    SystemMonitor &m_system;
    std::unique_ptr<ChatBackend> m_chat;
};

}  // namespace millm
