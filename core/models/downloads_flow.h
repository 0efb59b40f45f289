#pragma once

#include "core/base/futures.h"
#include "core/hub/repository.h"
#include "core/models/ledger.h"
#include "core/models/model.h"

#include <QHash>
#include <QObject>

#include <memory>
#include <optional>

namespace millm {

class DownloadQueue;
class InferenceService;
struct DeviceMemory;
class RepositoryInspector;
class WorkerThread;
struct DownloadJob;
struct DownloadOutcome;
struct FolderFacts;

/// From a repository's id, or files at hand that are to be quantized, to a finished folder: asks the Hub, checks, writes the
/// record, follows the queue. Services thread.
class DownloadsFlow : public QObject {
    Q_OBJECT
public:
    DownloadsFlow(const QString &cacheDir, Ledger &ledger, RepositoryInspector &inspector, DownloadQueue &queue,
                  InferenceService &inference, WorkerThread &worker, QObject *parent = nullptr);

    void setCacheDir(const QString &folder) { m_cacheDir = folder; }  ///< of downloads to come
    QFuture<Result<ModelPreview>> preview(const QString &repoId, const QString &token);
    QFuture<Result<Model>> download(const DownloadRequest &request);
    /// Another record, quantized from the files of this one, which are there as they are.
    QFuture<Result<Model>> quantize(qint64 id, engine::Scheme scheme);
    QFuture<Result<Model>> retry(qint64 id);
    QFuture<Result<void>> cancel(qint64 id);
    Result<void> moveInQueue(qint64 id, int by);
    /// Cancels all, keeping their records as failed.
    QFuture<void> stop();
    std::optional<DownloadProgress> progress(qint64 id) const;

Q_SIGNALS:
    void progressed(const millm::DownloadProgress &progress);
    void completed(const millm::Model &model);
    void failed(qint64 id, const millm::Error &error);

private:
    /// A wish on its way through the checks.
    struct Wish {
        DownloadRequest request;
        RepositoryPlan plan;
        QString source;     ///< the folder that has the files already; empty: they are the Hub's
        QString localPath;  ///< the folder that a kept model is made of; empty: the model is a repository's
        QString folder;
        Deferred<Result<Model>> answer;
    };
    using WishPtr = std::shared_ptr<Wish>;

    QFuture<Result<Model>> make(const Model &of, engine::Scheme scheme);
    std::optional<Model> existing(const Wish &wish) const;
    static QString baseName(const Wish &wish);  ///< of its model, where nobody wished one
    void inspected(const WishPtr &wish);
    void checkDisk(const WishPtr &wish);
    void describe(const WishPtr &wish, const DeviceMemory &memory);
    void record(const WishPtr &wish, const Model &described);
    DownloadJob jobOf(const Wish &wish) const;
    void enqueue(const WishPtr &wish, qint64 id);
    void showPlaces();
    void adopted(const WishPtr &wish, const Model &model);
    void adoptFolder(const WishPtr &wish, const DeviceMemory &memory);
    void jobFinished(qint64 id, const DownloadOutcome &outcome);
    void jobFailed(qint64 id, const Error &error);
    void jobCancelled(qint64 id);
    void settle(qint64 id, const Result<void> &forWaiters);
    void tellStopped();

    QString m_cacheDir;
    Ledger &m_ledger;
    RepositoryInspector &m_inspector;
    DownloadQueue &m_queue;
    InferenceService &m_inference;
    WorkerThread &m_worker;
    QHash<qint64, DownloadProgress> m_progress;
    QHash<qint64, QString> m_tokens;  ///< for a retry; memory only
    QMultiHash<qint64, Deferred<Result<void>>> m_cancelling;
    QList<Deferred<void>> m_stopping;
    bool m_stopped = false;
};

/// What is taken from a finished folder into the record, whose quantization is known. Slow for many tensors: a worker's thread.
void fillFromFolder(Model &model, const FolderFacts &facts, const DeviceMemory &memory);

/// The error message of a record whose files were on their way when the program ended.
QString interrupted(const Model &model);

}  // namespace millm
