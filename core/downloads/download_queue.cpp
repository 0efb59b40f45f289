#include "core/downloads/download_queue.h"

#include "core/base/log_categories.h"
#include "core/downloads/bandwidth.h"
#include "core/downloads/disk.h"
#include "core/downloads/model_download.h"
#include "core/engine/memory_footprint.h"
#include "core/hub/hub_cache.h"
#include "core/hub/hub_client.h"

#include <QDir>
#include <QFileInfo>
#include <QTimer>

#include <algorithm>

namespace millm {

class DownloadQueue::Private {
public:
    Private(HubClient &hubClient, DownloadQueue *queue) : q(queue), hub(hubClient) {}

    void next() {
        if (active || waiting.isEmpty()) return;
        active = new ModelDownload(hub, bandwidth, threads, waiting.takeFirst(), q);
        connect(active, &ModelDownload::progressed, q, &DownloadQueue::progressed);
        connect(active, &ModelDownload::ended, q, [this](const ModelDownload::End &end) { ended(end); });
        const DownloadJob &job = active->job();
        qCInfo(downloadsLog).noquote() << (job.source.isEmpty() ? "downloading" : "quantizing") << job.plan.repoId << "at"
                                       << job.plan.commit << "into" << job.folder;
        Q_EMIT q->waitingChanged();
        Q_EMIT q->started(job.modelId);
        if (active) active->start();
    }

    QList<qint64> waitingIds() const {
        QList<qint64> ids;
        for (const DownloadJob &job : waiting) ids << job.modelId;
        return ids;
    }

    void ended(const ModelDownload::End &end) {
        const qint64 id = active->job().modelId;
        active->deleteLater();
        active = nullptr;
        if (end.cancelled) {
            qCInfo(downloadsLog) << "download of model" << id << "cancelled";
            Q_EMIT q->cancelled(id);
        } else if (end.error) {
            qCWarning(downloadsLog).noquote() << "download of model" << id << "failed:" << end.error->message;
            Q_EMIT q->failed(id, *end.error);
        } else {
            qCInfo(downloadsLog) << "download of model" << id << "finished," << end.outcome.diskBytes << "bytes";
            Q_EMIT q->finished(id, end.outcome);
        }
        next();
    }

    DownloadQueue *q;
    HubClient &hub;
    Bandwidth bandwidth;
    ModelDownload::Threads threads;
    QList<DownloadJob> waiting;
    ModelDownload *active = nullptr;
};

DownloadQueue::DownloadQueue(HubClient &hub, qint64 bytesPerSecond, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(hub, this)) {
    setLimit(bytesPerSecond);
    qRegisterMetaType<DownloadProgress>();
}

DownloadQueue::~DownloadQueue() {
    if (!d->active) return;
    const QString partial = d->active->partialFolder();
    delete d->active;  // its downloads and its conversion stop
    d->active = nullptr;
    d->threads.quantizer.run([] {}).waitForFinished();
    d->threads.files.run([partial] { disk::remove(partial); }).waitForFinished();
}

void DownloadQueue::setLimit(qint64 bytesPerSecond) {
    d->bandwidth.setLimit(bytesPerSecond);
}

void DownloadQueue::enqueue(DownloadJob job) {
    DownloadProgress progress;
    progress.modelId = job.modelId;
    progress.totalBytes = job.plan.downloadBytes();
    d->waiting.append(std::move(job));
    // Later, so that nothing is signalled before this returns.
    QTimer::singleShot(0, this, [this, progress] {
        const bool stillWaits = d->active && std::any_of(d->waiting.begin(), d->waiting.end(), [&](const DownloadJob &job) {
                                    return job.modelId == progress.modelId;
                                });
        if (stillWaits) {
            Q_EMIT waitingChanged();
            Q_EMIT progressed(progress);
        }
        d->next();
    });
}

bool DownloadQueue::cancel(qint64 modelId) {
    if (d->active && d->active->job().modelId == modelId) return d->active->cancel();
    const auto job =
        std::find_if(d->waiting.begin(), d->waiting.end(), [&](const DownloadJob &j) { return j.modelId == modelId; });
    if (job == d->waiting.end()) return false;
    d->waiting.erase(job);
    QTimer::singleShot(0, this, [this, modelId] {
        Q_EMIT cancelled(modelId);
        Q_EMIT waitingChanged();
    });
    return true;
}

bool DownloadQueue::move(qint64 modelId, int by) {
    const auto at = d->waitingIds().indexOf(modelId);
    if (at < 0) return false;
    const qsizetype to = std::clamp<qsizetype>(at + by, 0, d->waiting.size() - 1);
    d->waiting.move(at, to);
    if (at != to) Q_EMIT waitingChanged();
    return true;
}

QList<qint64> DownloadQueue::waiting() const {
    return d->waitingIds();
}

int DownloadQueue::length() const {
    return int(d->waiting.size()) + (d->active ? 1 : 0);
}

namespace {

/// How a file comes to its place: a cached one is linked or read where it lies.
enum class Cached { No, OtherDisk, SameDisk };

Cached cachedAs(const HubFile &file, const DownloadJob &job, const HubCache &cache) {
    const QString path = DownloadQueue::fileAtHand(file, job, cache);
    if (path.isEmpty()) return Cached::No;
    return disk::areOnOneDisk(path, job.folder) ? Cached::SameDisk : Cached::OtherDisk;
}

}  // namespace

const HubCache &DownloadQueue::cache() const {
    return d->hub.cache();
}

QString DownloadQueue::fileAtHand(const HubFile &file, const DownloadJob &job, const HubCache &cache) {
    if (!job.source.isEmpty()) {
        const QFileInfo own(QDir(job.source).filePath(file.path));
        return own.isFile() && own.size() == file.size ? own.filePath() : QString();
    }
    const QString cached = cache.find(job.plan.repoId, job.plan.commit, file);
    const bool checkable = !file.sha256.isEmpty() || !file.gitSha1.isEmpty();
    if (!cached.isEmpty() || job.plain.isEmpty() || job.plain == job.folder || !checkable) return cached;
    const QFileInfo own(QDir(job.plain).filePath(file.path));
    return own.isFile() && own.size() == file.size ? own.filePath() : QString();
}

bool DownloadQueue::converts(const DownloadJob &job) {
    return job.quantization != engine::Scheme::Plain || (job.plan.decoder && job.plan.decoder->foreign.packs());
}

qint64 DownloadQueue::requiredDiskBytes(const DownloadJob &job, const HubCache &cache) {
    const RepositoryPlan &plan = job.plan;
    const auto cached = [&](const HubFile &file) { return cachedAs(file, job, cache); };
    const bool converted = plan.decoder && converts(job);
    qint64 bytes = 0, largest = 0, all = 0;
    for (const HubFile &file : plan.others) bytes += cached(file) == Cached::SameDisk ? 0 : file.size;
    for (const HubFile &file : plan.weights) {
        const Cached how = cached(file);
        all += file.size;
        if (!converted) bytes += how == Cached::SameDisk ? 0 : file.size;
        if (how == Cached::No) largest = std::max(largest, file.size);
    }
    if (converted) {
        // The largest weight file lies beside what is made of all of them; where tensors are not known, that is at most the
        // same.
        bytes +=
            largest + (plan.tensors.empty() ? all : qint64(engine::disk_bytes(*plan.decoder, plan.tensors, job.quantization)));
    }
    return bytes + bytes / 50;  // file systems need some room for themselves
}

void DownloadQueue::removeLeftovers(const QString &modelCacheDir) {
    const auto filter = QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot | QDir::NoSymLinks;
    // Either may be a link to another disk; what was left in them is not.
    for (const QString &folder : {modelCacheDir, QDir(modelCacheDir).filePath(QStringLiteral("huggingface")),
                                  QDir(modelCacheDir).filePath(QStringLiteral("quantized"))}) {
        for (const QFileInfo &entry : QDir(folder).entryInfoList({QStringLiteral(".*.partial")}, filter)) {
            qCInfo(downloadsLog).noquote() << "removing what an interrupted download left:" << entry.filePath();
            disk::remove(entry.filePath());
        }
    }
}

}  // namespace millm
