#pragma once

#include "core/base/worker_thread.h"
#include "core/downloads/download_queue.h"

#include <QObject>
#include <QSet>

#include <optional>
#include <stop_token>

namespace millm {

class Bandwidth;
class Conversion;
class FileDownload;
class ProgressMeter;

/// Fetches one model into a folder beside its final one, and publishes it by one rename: space → small files → weights, each
/// quantized while it arrives → index and configuration → publish. However it ends, nothing half is left. Services thread.
class ModelDownload : public QObject {
    Q_OBJECT
public:
    /// The threads that write and that quantize, shared by one download after the other.
    struct Threads {
        WorkerThread files{QStringLiteral("downloads"), WorkerThread::Work::Computing};
        WorkerThread quantizer{QStringLiteral("quantizer"), WorkerThread::Work::Computing};
    };
    struct End {
        bool cancelled = false;
        std::optional<Error> error;
        DownloadOutcome outcome;
    };

    ModelDownload(HubClient &hub, Bandwidth &bandwidth, Threads &threads, DownloadJob job, QObject *parent);
    ~ModelDownload() override;

    void start();
    /// ended() follows; false where its end is on the way already.
    bool cancel();
    const DownloadJob &job() const { return m_job; }
    QString partialFolder() const { return m_root; }
    /// Beside `folder`, hidden, and known by its ending.
    static QString partialFolderOf(const QString &folder);

Q_SIGNALS:
    void progressed(const millm::DownloadProgress &progress);
    void ended(const millm::ModelDownload::End &end);

private:
    struct Weight {
        HubFile file;
        QString path;
        bool cached = false, verified = false, converted = false;
        std::optional<Error> conversionError;
    };

    bool converts() const { return DownloadQueue::converts(m_job); }
    void fetchOthers();
    void fetchWeight();
    void fetch(const HubFile &file, const QString &path, std::function<void()> then);
    void useCached(const QString &cached, const HubFile &file, const QString &path, std::function<void()> then);
    void download(const HubFile &file, const QString &path, std::function<void()> then);
    void watch(FileDownload *download);
    void weightVerified();
    void weightDone();
    void complete();
    void publish();
    void count(const QString &path, qint64 bytes);
    void end(End end);

    HubClient &m_hub;
    Bandwidth &m_bandwidth;
    Threads &m_threads;
    DownloadJob m_job;
    QString m_root, m_model;
    qint64 m_required = 0;    ///< bytes on disk at the peak
    QList<HubFile> m_others;  ///< still to be fetched
    int m_othersUnderWay = 0;
    bool m_weightsBegun = false;  ///< all small files are there
    qsizetype m_nextWeight = 0;
    Weight m_weight;  ///< the one under way
    qint64 m_convertedBefore = 0;
    QHash<QString, qint64> m_bytes;  ///< by file
    QSet<FileDownload *> m_downloads;
    Conversion *m_conversion = nullptr;
    ProgressMeter *m_meter = nullptr;
    std::stop_source m_stop;
    bool m_publishing = false, m_ending = false;
};

}  // namespace millm
