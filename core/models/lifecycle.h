#pragma once

#include "core/base/futures.h"
#include "core/models/kept_weights.h"
#include "core/models/ledger.h"
#include "core/models/model.h"

#include <QHash>
#include <QObject>
#include <QSet>

#include <memory>
#include <optional>

namespace millm {

class InferenceService;
class WorkerThread;
struct DeviceMemory;
struct FolderFacts;
struct LoadChoice;
struct LoadedModel;

/// Load, unload, switch, and whether the memory is enough. One model is loaded at a time. Services thread.
class Lifecycle : public QObject {
    Q_OBJECT
public:
    Lifecycle(Ledger &ledger, InferenceService &inference, WorkerThread &worker, QObject *parent = nullptr);

    QFuture<Result<QList<MemoryCheck>>> checkMemory(qint64 id);
    QFuture<Result<Model>> load(qint64 id, const LoadRequest &request);
    QFuture<Result<Model>> setContextLength(qint64 id, qint64 tokens);
    /// What a loaded model holds now.
    void fillMemory(Model &model) const;
    QFuture<Result<Model>> loadFinished(qint64 id);
    QFuture<Result<Model>> unload(qint64 id);
    /// Ends a load and unloads, with a grace of `seconds`.
    QFuture<void> stop(int seconds);

    std::optional<qint64> loadedId() const;  ///< loaded or unloading
    /// Its load is checked or under way: it must not be removed.
    bool isWanted(qint64 id) const { return m_current == id; }
    void forget(qint64 id) { m_facts.remove(id); }  ///< the files are gone

Q_SIGNALS:
    void progressed(const millm::LoadProgress &progress);
    void completed(const millm::Model &model);
    void failed(qint64 id, const millm::Error &error);
    void unloadProgressed(qint64 id, int pendingRequests);
    void unloaded(const millm::Model &model);

private:
    using Facts = std::shared_ptr<const FolderFacts>;

    std::optional<Error> refusal(const Model &model) const;
    QFuture<Result<Facts>> facts(const Model &model);
    MemoryCheck checkOn(const DeviceMemory &memory, const engine::MemoryNeeds &needs) const;
    void begin(qint64 id, const LoadRequest &request, const QString &device, const Deferred<Result<Model>> &answer);
    void prepare(qint64 id, const QString &device);
    void startLoading(qint64 id, const QString &device, qint64 contextLength);
    void read(const Model &model, const LoadChoice &choice);
    void loadEnded(qint64 id, const Result<LoadedModel> &result);
    QFuture<Result<Model>> unloadWithin(qint64 id, int seconds);

    Ledger &m_ledger;
    InferenceService &m_inference;
    WorkerThread &m_worker;
    KeptWeights m_kept;
    std::optional<qint64> m_current;  ///< whose load is checked or under way
    bool m_stopped = false;
    QMultiHash<qint64, Deferred<Result<Model>>> m_loadWaiters;
    QHash<qint64, QFuture<Result<Model>>> m_unloading;
    QHash<qint64, Facts> m_facts;
};

}  // namespace millm
