#include "core/downloads/model_download.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/downloads/conversion.h"
#include "core/downloads/disk.h"
#include "core/downloads/file_download.h"
#include "core/downloads/progress_meter.h"
#include "core/hub/checksum.h"
#include "core/hub/hub_cache.h"
#include "core/hub/path_safety.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTimer>

namespace millm {

namespace {

constexpr int othersAtOnce = 4;
constexpr double conversionShare = 0.1;  // of the bar: most of it happens while bytes arrive

/// A converted model has its own configuration and index.
bool writtenByConverter(const QString &path) {
    return path == QLatin1StringView("config.json") || path.endsWith(QLatin1StringView(".index.json"));
}

qint64 sumOf(const QList<HubFile> &files) {
    qint64 sum = 0;
    for (const HubFile &file : files) sum += file.size;
    return sum;
}

/// The empty partial folder, where there is space for the job; the bytes that it takes. In the files' thread.
Result<qint64> prepare(const DownloadJob &job, const HubCache &cache, const QString &root, const QString &model) {
    const qint64 required = DownloadQueue::requiredDiskBytes(job, cache);
    const qint64 available = disk::available(root);
    if (available < required) return errors::insufficientDisk(required, available);
    if (auto made = disk::makeFolder(root); !made) return made.error();
    if (auto made = disk::makeFolder(model); !made) return made.error();
    return required;
}

}  // namespace

ModelDownload::ModelDownload(HubClient &hub, Bandwidth &bandwidth, Threads &threads, DownloadJob job, QObject *parent)
    : QObject(parent),
      m_hub(hub),
      m_bandwidth(bandwidth),
      m_threads(threads),
      m_job(std::move(job)),
      m_root(partialFolderOf(m_job.folder)) {
    m_model = m_root + QStringLiteral("/model");
    m_others = m_job.plan.others;
    if (converts()) m_others.removeIf([](const HubFile &file) { return writtenByConverter(file.path); });
    // Files of a folder are there at once.
    const double share = !converts() ? 0 : m_job.source.isEmpty() ? conversionShare : 1;
    m_meter = new ProgressMeter(m_job.modelId, sumOf(m_others) + sumOf(m_job.plan.weights), share, this);
    connect(m_meter, &ProgressMeter::progressed, this, &ModelDownload::progressed);
}

ModelDownload::~ModelDownload() {
    m_stop.request_stop();
}

QString ModelDownload::partialFolderOf(const QString &folder) {
    const QFileInfo info(QDir::cleanPath(folder));
    return info.path() + QStringLiteral("/.") + info.fileName() + QStringLiteral(".partial");
}

void ModelDownload::start() {
    // The plan was checked when it was made; these names become paths here, so they are checked here too.
    for (const QList<HubFile> *files : {&m_job.plan.weights, &m_job.plan.others}) {
        for (const HubFile &file : *files) {
            const QString flaw = unsafePath(file.path);
            if (!flaw.isEmpty())
                return end({.error = errors::downloadFailed(
                                QStringLiteral("unsafe file name (%1): \"%2\".").arg(flaw, file.path.left(120)))});
        }
    }
    const auto work = [job = m_job, cache = m_hub.cache(), root = m_root, model = m_model] {
        return prepare(job, cache, root, model);
    };
    m_threads.files.run(work).then(this, [this](const Result<qint64> &required) {
        if (m_ending) return;
        if (!required) return end({.error = required.error()});
        m_required = *required;
        if (converts()) {
            m_conversion = new Conversion(m_threads.quantizer,
                                          Conversion::Order{m_job.plan.config, m_model, m_job.quantization, m_required}, this);
            connect(m_conversion, &Conversion::progressed, this, [this](const QString &, qint64 consumed) {
                m_meter->setConverted(double(m_convertedBefore + consumed) /
                                      double(qMax<qint64>(1, sumOf(m_job.plan.weights))));
            });
            connect(m_conversion, &Conversion::converted, this, [this] {
                m_weight.converted = true;
                weightDone();
            });
            connect(m_conversion, &Conversion::failed, this, [this](const QString &, const Error &error) {
                // Wrong bytes are the network's fault: their checksum has the word first.
                m_weight.conversionError = error;
                weightDone();
            });
        }
        fetchOthers();
    });
}

void ModelDownload::fetchOthers() {
    while (!m_ending && m_othersUnderWay < othersAtOnce && !m_others.isEmpty()) {
        const HubFile file = m_others.takeFirst();
        ++m_othersUnderWay;
        fetch(file, m_model + QLatin1Char('/') + file.path, [this] {
            --m_othersUnderWay;
            fetchOthers();
        });
    }
    // A file that is there at once comes back here before the loop above is left: the weights begin only once.
    if (m_ending || m_weightsBegun || m_othersUnderWay > 0 || !m_others.isEmpty()) return;
    m_weightsBegun = true;
    fetchWeight();
}

/// One weight file after the other: the disk holds at most one of them beside what is made of it.
void ModelDownload::fetchWeight() {
    if (m_nextWeight == m_job.plan.weights.size()) return complete();
    m_weight = {};
    m_weight.file = m_job.plan.weights[m_nextWeight++];
    m_weight.path =
        converts() ? m_root + QStringLiteral("/source/") + m_weight.file.path : m_model + QLatin1Char('/') + m_weight.file.path;
    fetch(m_weight.file, m_weight.path, [this] { weightVerified(); });
}

void ModelDownload::fetch(const HubFile &file, const QString &path, std::function<void()> then) {
    const QString cached = DownloadQueue::fileAtHand(file, m_job, m_hub.cache());
    if (!cached.isEmpty()) {
        useCached(cached, file, path, std::move(then));
    } else if (!m_job.source.isEmpty()) {
        end({.error = errors::internal(QStringLiteral("'%1' in '%2' is not what it was.").arg(file.path, m_job.source))});
    } else if (m_hub.offline()) {
        end({.error = errors::downloadFailed(
                 QStringLiteral("offline mode is on (HF_HUB_OFFLINE) and \"%1\" is not in the local cache.").arg(file.path))});
    } else {
        download(file, path, std::move(then));
    }
}

/// A file of the official clients' cache or of an earlier download, once its checksum is right: linked or copied, or quantized
/// where it lies.
void ModelDownload::useCached(const QString &cached, const HubFile &file, const QString &path, std::function<void()> then) {
    const bool link = path.startsWith(m_model), own = !m_job.source.isEmpty();
    const bool checkable = !file.sha256.isEmpty() || !file.gitSha1.isEmpty();
    m_threads.files
        .run([cached, file, path, link, own, checkable, stop = m_stop.get_token()] {
            if (checkable && !Checksum::verify(cached, file, stop)) return false;
            // Somebody's own file may be written later, and must not change this one.
            return !link || (own ? disk::copy(cached, path) : disk::take(cached, path));
        })
        .then(this, [=, this, then = std::move(then)](bool usable) {
            if (m_ending) return;
            if (!usable && own)
                return end({.error = errors::internal(QStringLiteral("'%1' cannot be copied to '%2'.").arg(cached, path))});
            if (!usable && !m_hub.offline()) return download(file, path, then);
            if (!usable)
                return end(
                    {.error = errors::downloadFailed(QStringLiteral("\"%1\" in the local cache is damaged.").arg(file.path))});
            qCInfo(downloadsLog).noquote() << file.path << "is on this machine already";
            if (!link) {
                m_weight.path = cached;
                m_weight.cached = true;
                m_conversion->offer(cached, file.path, file.size, file.size);
            }
            count(file.path, file.size);
            then();
        });
}

void ModelDownload::download(const HubFile &file, const QString &path, std::function<void()> then) {
    FileDownload::Order order;
    order.repoId = m_job.plan.repoId;
    order.commit = m_job.plan.commit;
    order.token = m_job.token;
    order.file = file;
    order.path = path;
    order.durable = path.startsWith(m_model);
    order.required = m_required;
    auto *download = new FileDownload(m_hub, m_bandwidth, m_threads.files.context(), order, this);
    m_downloads.insert(download);
    watch(download);
    connect(download, &FileDownload::finished, this, [this, download, then = std::move(then)] {
        m_downloads.remove(download);
        download->deleteLater();
        if (!m_ending) then();
    });
    download->start();
}

void ModelDownload::watch(FileDownload *download) {
    const QString path = download->order().file.path;
    const bool source = !download->order().path.startsWith(m_model);
    connect(download, &FileDownload::received, this, [this, path](qint64 total) { count(path, total); });
    connect(download, &FileDownload::waiting, this, [this](qint64 ms) { m_meter->setPhase(DownloadPhase::Waiting, ms); });
    connect(download, &FileDownload::resumed, this, [this] { m_meter->setPhase(DownloadPhase::Downloading); });
    connect(download, &FileDownload::failed, this, [this](const Error &error) { end({.error = error}); });
    if (source) {
        connect(download, &FileDownload::written, this, [this, download](qint64 total) {
            const FileDownload::Order &order = download->order();
            m_conversion->offer(order.path, order.file.path, total, order.file.size);
        });
    }
    connect(download, &FileDownload::restartNeeded, this, [this, download, path, source] {
        if (!source) return download->restart();
        m_conversion->restart(path, [this, download] {
            m_weight.converted = false;
            m_weight.conversionError.reset();
            if (m_downloads.contains(download)) download->restart();
        });
    });
}

void ModelDownload::count(const QString &path, qint64 bytes) {
    m_bytes[path] = bytes;
    qint64 sum = 0;
    for (const qint64 each : std::as_const(m_bytes)) sum += each;
    m_meter->setBytes(sum);
}

void ModelDownload::weightVerified() {
    m_weight.verified = true;
    if (converts() && !m_weight.converted) m_meter->setPhase(DownloadPhase::Quantizing);
    weightDone();
}

void ModelDownload::weightDone() {
    if (m_ending || !m_weight.verified) return;
    if (m_weight.conversionError) return end({.error = m_weight.conversionError});
    if (converts() && !m_weight.converted) return;
    m_convertedBefore += m_weight.file.size;
    // What is converted makes room for the next; a cache's file is not ours to remove.
    const QString path = converts() && !m_weight.cached ? m_weight.path : QString();
    m_threads.files
        .run([path] {
            if (!path.isEmpty()) QFile::remove(path);
            return true;
        })
        .then(this, [this](bool) {
            if (m_ending) return;
            m_meter->setPhase(DownloadPhase::Downloading);
            fetchWeight();
        });
}

void ModelDownload::complete() {
    if (!m_conversion) return publish();
    m_meter->setPhase(DownloadPhase::Quantizing);
    m_conversion->finish([this](const Result<void> &done) {
        if (m_ending) return;
        if (!done) return end({.error = done.error()});
        publish();
    });
}

void ModelDownload::publish() {
    m_meter->setPhase(DownloadPhase::Publishing);
    m_publishing = true;
    m_threads.files.run([made = m_model, folder = m_job.folder] { return disk::publish(made, folder); })
        .then(this, [this](const Result<qint64> &bytes) {
            if (m_ending) return;  // cancelled at the very last moment: end() takes it away again
            if (!bytes) return end({.error = bytes.error()});
            m_meter->finish();
            end({.outcome = {m_job.folder, *bytes}});
        });
}

bool ModelDownload::cancel() {
    if (m_ending) return false;
    end({.cancelled = true});
    return true;
}

/// Ends all work in every thread, removes the partial folder, and only then says so.
void ModelDownload::end(End end) {
    if (m_ending) return;
    m_ending = true;
    m_stop.request_stop();
    m_meter->disconnect(this);
    for (FileDownload *download : std::as_const(m_downloads)) {
        download->disconnect(this);
        download->deleteLater();
    }
    m_downloads.clear();
    const QString published = m_publishing && end.cancelled ? m_job.folder : QString();
    const auto clear = [this, end, published] {
        // Behind everything that the files' thread still has to do, the closing of part files among it.
        QTimer::singleShot(0, this, [this, end, published] {
            m_threads.files
                .run([root = m_root, published] {
                    disk::remove(root);
                    if (!published.isEmpty()) disk::remove(published);
                    return true;
                })
                .then(this, [this, end](bool) { Q_EMIT ended(end); });
        });
    };
    if (m_conversion) {
        m_conversion->stop(clear);
    } else {
        clear();
    }
}

}  // namespace millm
