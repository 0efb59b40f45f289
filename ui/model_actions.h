#pragma once

#include "core/models/model.h"
#include "core/models/model_search.h"

#include <QFuture>

namespace millm {

/// What the window asks of the models. Called in the GUI thread; the futures finish in whatever thread does the work, so
/// take them with `.then(this, …)`. ServiceLink is the real one.
class ModelActions {
public:
    virtual ~ModelActions() = default;
    /// "owner/name" of what was typed or pasted, or why it is none. Answers at once.
    virtual Result<QString> normaliseRepoId(const QString &text) const = 0;
    virtual QFuture<Result<QList<FoundModel>>> search(const SearchRequest &request, std::stop_token stop) = 0;
    virtual QFuture<Result<ModelPreview>> preview(const QString &repoId, const QString &token) = 0;
    virtual QFuture<Result<Model>> download(const DownloadRequest &request) = 0;
    /// A second record of a local folder, quantized once and kept.
    virtual QFuture<Result<Model>> quantize(qint64 id, engine::Scheme scheme) = 0;
    virtual QFuture<Result<Model>> addLocal(const LocalRequest &request) = 0;
    virtual QFuture<Result<void>> cancel(qint64 id) = 0;
    virtual QFuture<Result<void>> moveInQueue(qint64 id, int by) = 0;
    virtual QFuture<Result<Model>> retry(qint64 id) = 0;
    /// One a device, the usual one first.
    virtual QFuture<Result<QList<MemoryCheck>>> checkMemory(qint64 id) = 0;
    virtual QFuture<Result<Model>> load(qint64 id, const LoadRequest &request) = 0;
    virtual QFuture<Result<Model>> unload(qint64 id) = 0;
    virtual QFuture<Result<void>> remove(qint64 id) = 0;
    virtual QFuture<Elsewhere> elsewhere() = 0;
    virtual QFuture<Result<int>> gather() = 0;
    virtual void stopGathering() = 0;
    virtual QFuture<Result<Model>> rename(qint64 id, const QString &name) = 0;
};

}  // namespace millm
