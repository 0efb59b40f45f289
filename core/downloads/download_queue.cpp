#include "core/downloads/download_queue.h"

#include "core/downloads/disk.h"
#include "core/downloads/model_download.h"
#include "core/engine/memory_footprint.h"
#include "core/hub/hub_client.h"

#include <QDir>
#include <QLoggingCategory>
#include <QTimer>

#include <algorithm>

namespace millm {

Q_DECLARE_LOGGING_CATEGORY(downloadsLog)

class DownloadQueue::Private {
public:
    Private(HubClient &hubClient, DownloadQueue *queue) : q(queue), hub(hubClient) {}

    void next() {
        if (active || waiting.isEmpty()) return;
        active = new ModelDownload(hub, threads, waiting.takeFirst(), q);
        connect(active, &ModelDownload::progressed, q, &DownloadQueue::progressed);
        connect(active, &ModelDownload::ended, q, [this](const ModelDownload::End &end) { ended(end); });
        const DownloadJob &job = active->job();
        qCInfo(downloadsLog).noquote() << "downloading" << job.plan.repoId << "at" << job.plan.commit << "into" << job.folder;
        Q_EMIT q->started(job.modelId);
        if (active) active->start();
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
    ModelDownload::Threads threads;
    QList<DownloadJob> waiting;
    ModelDownload *active = nullptr;
};

DownloadQueue::DownloadQueue(HubClient &hub, QObject *parent) : QObject(parent), d(std::make_unique<Private>(hub, this)) {
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
        if (stillWaits) Q_EMIT progressed(progress);
        d->next();
    });
}

bool DownloadQueue::cancel(qint64 modelId) {
    if (d->active && d->active->job().modelId == modelId) return d->active->cancel();
    const auto job =
        std::find_if(d->waiting.begin(), d->waiting.end(), [&](const DownloadJob &j) { return j.modelId == modelId; });
    if (job == d->waiting.end()) return false;
    d->waiting.erase(job);
    QTimer::singleShot(0, this, [this, modelId] { Q_EMIT cancelled(modelId); });
    return true;
}

int DownloadQueue::length() const {
    return int(d->waiting.size()) + (d->active ? 1 : 0);
}

qint64 DownloadQueue::requiredDiskBytes(const RepositoryPlan &plan, engine::Scheme quantization) {
    qint64 bytes = 0;
    for (const HubFile &file : plan.others) bytes += file.size;
    if (quantization == engine::Scheme::Plain || !plan.decoder) {
        for (const HubFile &file : plan.weights) bytes += file.size;
    } else {
        // The largest weight file lies beside what is made of all of them; where tensors are not known, that is at most the
        // same.
        qint64 largest = 0, all = 0;
        for (const HubFile &file : plan.weights) {
            largest = std::max(largest, file.size);
            all += file.size;
        }
        bytes += largest + (plan.tensors.empty() ? all : qint64(engine::disk_bytes(*plan.decoder, plan.tensors, quantization)));
    }
    return bytes + bytes / 50;  // file systems need some room for themselves
}

void DownloadQueue::removeLeftovers(const QString &modelCacheDir) {
    const auto filter = QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot | QDir::NoSymLinks;
    QStringList folders = {modelCacheDir};
    for (const QFileInfo &folder : QDir(modelCacheDir).entryInfoList(filter)) folders.append(folder.filePath());
    for (const QString &folder : std::as_const(folders)) {
        for (const QFileInfo &entry : QDir(folder).entryInfoList({QStringLiteral(".*.partial")}, filter)) {
            qCInfo(downloadsLog).noquote() << "removing what an interrupted download left:" << entry.filePath();
            disk::remove(entry.filePath());
        }
    }
}

}  // namespace millm
