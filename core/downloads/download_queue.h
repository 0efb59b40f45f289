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
    QString source;  ///< a folder on this machine that has the plan's files, which are not the Hub's then; empty: there is none
    QString plain;   ///< where the same repository lies as it is, should it: its files are not fetched again; empty: nowhere
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
    /// `bytesPerSecond`: that all downloads together may take; 0: all there is.
    explicit DownloadQueue(HubClient &hub, qint64 bytesPerSecond = 0, QObject *parent = nullptr);
    ~DownloadQueue() override;

    void setLimit(qint64 bytesPerSecond);  ///< from now on, also of what is under way

    void enqueue(DownloadJob job);
    /// False where there is no such job, or its end is on the way already. Else cancelled() follows when its partial files are
    /// gone.
    bool cancel(qint64 modelId);
    /// Puts a waiting job `by` places further back (negative: to the front), as far as the queue goes; false where it does not
    /// wait.
    bool move(qint64 modelId, int by);
    QList<qint64> waiting() const;  ///< in order
    int length() const;             ///< active and waiting

    /// Whether a job's files become others: quantized, or in 16 bits what another program packed.
    static bool converts(const DownloadJob &job);
    /// Bytes that a job needs on disk at its peak (part files and output), for the check before it starts. Files that the
    /// official clients' cache or an earlier download has, on the same disk as the job's folder, need none. Blocks.
    static qint64 requiredDiskBytes(const DownloadJob &job, const HubCache &cache);
    /// A file with the job's name and size that lies on this machine already (its checksum is still to be compared): in the
    /// official clients' cache or in an earlier download. Empty where there is none. Blocks.
    static QString fileAtHand(const HubFile &file, const DownloadJob &job, const HubCache &cache);
    const HubCache &cache() const;  ///< the one that its downloads use
    /// Partial folders that an earlier run left beside finished ones.
    static void removeLeftovers(const QString &modelCacheDir);

Q_SIGNALS:
    void waitingChanged();
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
