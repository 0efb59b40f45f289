#pragma once

#include "core/base/error.h"
#include "core/models/model.h"

#include <QFuture>
#include <QList>
#include <QObject>

#include <memory>
#include <optional>

namespace millm {

class Database;
class DownloadQueue;
class InferenceService;
class RepositoryInspector;
class SystemMonitor;
struct Settings;

/// The door to everything about models, for the window and the server alike: one state, shown alike.
/// Lives in the services thread; call it there (runOn(service, …) from elsewhere). Its futures finish and its signals are
/// emitted there. Nothing here blocks.
class ModelService : public QObject {
    Q_OBJECT
public:
    ModelService(const Settings &settings, Database &database, RepositoryInspector &inspector, DownloadQueue &downloads,
                 InferenceService &inference, SystemMonitor &system, QObject *parent = nullptr);
    ~ModelService() override;

    /// Reads the records, mends what an interrupted run left (downloading -> failed, partial files away, loaded -> ready),
    /// then starts AUTO_LOAD_MODEL.
    QFuture<Result<void>> start();
    /// Stops downloads (their partial files go), unloads the model. The future ends within 5 s.
    QFuture<void> shutDown();

    /// The cache for downloads and local folders to come; what is there already stays where it is. Internal where it cannot be
    /// written.
    QFuture<Result<void>> setCacheDir(const QString &folder);
    /// The models that lie in other folders than the present cache.
    QFuture<Elsewhere> elsewhere();
    /// Moves them into it, each byte compared before the old one goes; how many those were. ModelBusy while a model is loaded,
    /// loading or downloading; meanwhile nothing else changes models. Errors: core/models/gathering.h; then all is as it was.
    QFuture<Result<int>> gather();
    void stopGathering();  ///< gather() ends with Cancelled, unless the files are all there already

    QList<Model> models() const;  ///< by id
    std::optional<Model> model(qint64 id) const;
    std::optional<DownloadProgress> downloadProgress(qint64 id) const;  ///< the last one, while downloading
    std::optional<qint64> loadedId() const;                             ///< loaded or unloading
    qint64 cacheBytes() const;                                          ///< disk space that the models' files in the cache take

    QFuture<Result<ModelPreview>> preview(const QString &repoId, const QString &token);
    /// The record in Queued or Downloading, once the Hub has said that all is well.
    QFuture<Result<Model>> download(DownloadRequest request);
    QFuture<Result<Model>> addLocal(LocalRequest request);
    /// Another record, of a folder's model or of a repository's that is there unquantized: its files are quantized once, beside
    /// it, into the cache. InvalidRequest of others, or for no quantization; ModelAlreadyExists, ModelBusy, InsufficientDisk.
    QFuture<Result<Model>> quantize(qint64 id, engine::Scheme scheme);
    /// Ends the download and removes record and files.
    QFuture<Result<void>> cancel(qint64 id);
    /// `by` places further back (negative: to the front) among those that wait for their download; ModelBusy where it does not.
    Result<void> moveInQueue(qint64 id, int by);
    /// Starts a failed download again.
    QFuture<Result<Model>> retry(qint64 id);
    /// What a load to each device would take and whether it is there, the usual device first.
    QFuture<Result<QList<MemoryCheck>>> checkMemory(qint64 id);
    /// The record in Loading; loadFinished() tells the end. InsufficientMemory unless forced; InvalidRequest for a context
    /// length that the model or the budget of requests does not hold, and for a device that is not there.
    QFuture<Result<Model>> load(qint64 id, const LoadRequest &request);
    /// The context length of loads to come, 0: what fits. InvalidRequest as for load().
    QFuture<Result<Model>> setContextLength(qint64 id, qint64 tokens);
    /// Ends when the load under way of `id` ends (at once where none is).
    QFuture<Result<Model>> loadFinished(qint64 id);
    QFuture<Result<Model>> unload(qint64 id);
    QFuture<Result<void>> remove(qint64 id);
    /// InvalidRequest with field "name" where it is none or another model has it; ModelBusy while the model is loaded: requests
    /// name it.
    QFuture<Result<Model>> rename(qint64 id, const QString &name);

Q_SIGNALS:
    void modelCreated(const millm::Model &model);
    void modelUpdated(const millm::Model &model);
    void modelDeleted(qint64 id);
    void downloadProgressed(const millm::DownloadProgress &progress);
    void downloadCompleted(const millm::Model &model);
    void downloadFailed(qint64 id, const millm::Error &error);
    void loadProgressed(const millm::LoadProgress &progress);
    void loadCompleted(const millm::Model &model);
    void loadFailed(qint64 id, const millm::Error &error);
    void unloadProgressed(qint64 id, int pendingRequests);
    void unloadCompleted(const millm::Model &model);
    void gathering(qint64 done, qint64 total);  ///< bytes; at most ten times a second

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
