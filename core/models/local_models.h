#pragma once

#include "core/base/futures.h"
#include "core/models/ledger.h"
#include "core/models/model.h"

#include <QObject>

namespace millm {

class InferenceService;
class WorkerThread;

/// Registers folders that are on this machine already. Their files are never touched; the cache gets a symlink. Services
/// thread.
class LocalModels : public QObject {
    Q_OBJECT
public:
    LocalModels(const QString &cacheDir, Ledger &ledger, InferenceService &inference, WorkerThread &worker,
                QObject *parent = nullptr);

    void setCacheDir(const QString &folder) { m_cacheDir = folder; }  ///< of folders to come
    QFuture<Result<Model>> add(const LocalRequest &request);
    /// Another name, and the link that has it. The name is reserved by the caller.
    QFuture<Result<Model>> rename(const Model &model, const QString &name);

private:
    void create(const LocalRequest &request, const Model &model, const Deferred<Result<Model>> &answer);

    QString m_cacheDir;
    Ledger &m_ledger;
    InferenceService &m_inference;
    WorkerThread &m_worker;
};

}  // namespace millm
