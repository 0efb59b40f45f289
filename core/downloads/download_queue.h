#pragma once

#include "core/base/error.h"
#include "core/engine/quantization/scheme.h"
#include "core/hub/repository.h"
#include "core/models/model.h"

#include <QObject>
#include <QString>

#include <memory>

namespace millm {

class HubCache;
class HubClient;

/// One model to be fetched.
struct DownloadJob {
    qint64 modelId = 0;
    RepositoryPlan plan;
    engine::Scheme quantization = engine::Scheme::NF4;
    QString token;
    QString folder;  ///< the finished folder; published by one rename, never seen half
};

struct DownloadOutcome {
    QString folder;
    qint64 diskBytes = 0;  ///< of the finished folder
};

/// Fetches one model at a time, the others wait in order: plan -> space -> files -> quantize -> verify -> publish. Lives in the
/// services thread; network in it, writing and hashing in the thread "downloads", quantizing in the thread "quantizer".
class DownloadQueue : public QObject {
    Q_OBJECT
public:
    explicit DownloadQueue(HubClient &hub, QObject *parent = nullptr);
    ~DownloadQueue() override;

    void enqueue(DownloadJob job);
    /// False where there is no such job, or its end is on the way already. Else cancelled() follows when its partial files are
    /// gone.
    bool cancel(qint64 modelId);
    int length() const;  ///< active and waiting

    /// Bytes that a job needs on disk at its peak (part files and output), for the check before it starts. Files that the
    /// official clients' cache has, on the same disk as `folder`, need none. Blocks.
    static qint64 requiredDiskBytes(const RepositoryPlan &plan, engine::Scheme quantization, const HubCache &cache,
                                    const QString &folder);
    const HubCache &cache() const;  ///< the one that its downloads use
    /// Partial folders that an earlier run left beside finished ones.
    static void removeLeftovers(const QString &modelCacheDir);

Q_SIGNALS:
    void started(qint64 modelId);
    void progressed(const millm::DownloadProgress &progress);
    void finished(qint64 modelId, const millm::DownloadOutcome &outcome);
    void failed(qint64 modelId, const millm::Error &error);
    void cancelled(qint64 modelId);

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::DownloadOutcome)
