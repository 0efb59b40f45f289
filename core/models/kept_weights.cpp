#include "core/models/kept_weights.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/writable_folder.h"
#include "core/downloads/disk.h"
#include "core/downloads/model_download.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/memory_footprint.h"
#include "core/models/model_files.h"
#include "core/models/model_names.h"
#include "core/models/preview.h"

#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <functional>

namespace millm {

namespace keeping {
namespace {

using Told = std::function<void(qint64 done, qint64 total)>;

constexpr qint64 step = 16 * 1024 * 1024;  // of a file, between two looks at how far it is

/// The files that weights are made of, as they are now, and where they go.
struct Making {
    RepositoryPlan plan;
    QString source, folder, partial;
    engine::Scheme scheme;
    QByteArray madeOf;    ///< names, sizes and times of the source's files
    qint64 required = 0;  ///< bytes on disk
};

QString markIn(const QString &folder) {
    return folder + QStringLiteral("/made-of.txt");
}

std::filesystem::path pathOf(const QString &path) {
    return QFile::encodeName(path).toStdString();
}

/// Tells one state of a folder's files from another.
QByteArray stateOf(const QString &folder, const RepositoryPlan &plan) {
    QStringList lines{folder};
    for (const QList<HubFile> *list : {&plan.weights, &plan.others}) {
        for (const HubFile &file : *list) {
            const QFileInfo info(QDir(folder).filePath(file.path));
            lines << QStringLiteral("%1 %2 %3").arg(file.path).arg(info.size()).arg(info.lastModified().toMSecsSinceEpoch());
        }
    }
    return lines.join(QLatin1Char('\n')).toUtf8() + '\n';
}

/// Are whole weights there, made of these files?
bool isMade(const Making &making) {
    QFile mark(markIn(making.folder));
    if (!mark.open(QIODevice::ReadOnly) || mark.readAll() != making.madeOf) return false;
    return engine::Checkpoint::open(pathOf(making.folder)).ok();
}

bool writtenByConverter(const QString &path) {
    return path == QLatin1StringView("config.json") || path.endsWith(QLatin1StringView(".index.json"));
}

qint64 requiredBytes(const RepositoryPlan &plan, engine::Scheme scheme) {
    auto bytes = qint64(engine::disk_bytes(*plan.decoder, plan.tensors, scheme));
    for (const HubFile &file : plan.others) bytes += file.size;
    return bytes + bytes / 50;  // file systems need some room for themselves
}

Result<void> makeRoom(const Making &making) {
    const QString parent = QFileInfo(making.folder).path();
    if (!disk::remove(making.folder)) return errors::internal(QStringLiteral("'%1' is in the way.").arg(making.folder));
    const qint64 available = disk::available(parent);
    if (making.required > available) return errors::insufficientDisk(making.required, available);
    if (const QString why = whyNotWritable(parent); !why.isEmpty())
        return errors::internal(QStringLiteral("'%1' cannot be written: %2.").arg(parent, why));
    return disk::makeFolder(making.partial);
}

Error asClient(const engine::Error &error, const Making &making) {
    if (error.code == engine::ErrorCode::Io && disk::isFull(int(error.got)))
        return errors::insufficientDisk(making.required, disk::available(making.partial));
    return errors::fromEngine(error);
}

Result<void> copyOthers(const Making &making) {
    for (const HubFile &file : making.plan.others) {
        if (writtenByConverter(file.path)) continue;
        const QString from = QDir(making.source).filePath(file.path), to = QDir(making.partial).filePath(file.path);
        if (!disk::copy(from, to)) return errors::internal(QStringLiteral("'%1' cannot be copied to '%2'.").arg(from, to));
    }
    return {};
}

Result<void> convert(const Making &making, const std::stop_token &stop, const Told &told) {
    auto converter =
        engine::CheckpointConverter::create(making.plan.config.toStdString(), {pathOf(making.partial), making.scheme});
    if (!converter) return asClient(converter.error(), making);
    qint64 before = 0, total = 0;
    for (const HubFile &file : making.plan.weights) total += file.size;
    told(0, total);
    for (const HubFile &file : making.plan.weights) {
        const auto path = pathOf(QDir(making.source).filePath(file.path));
        for (qint64 there = 0; there < file.size;) {
            there = std::min(there + step, file.size);
            const auto done = (*converter)->advance(path, file.path.toStdString(), quint64(there), stop);
            if (!done) return asClient(done.error(), making);
            told(before + qint64(done->consumed), total);
        }
        before += file.size;
    }
    if (const auto done = (*converter)->finish(stop); !done) return asClient(done.error(), making);
    for (const std::string &remark : (*converter)->remarks()) qCWarning(modelsLog, "%s", remark.c_str());
    return {};
}

Result<void> writeMark(const Making &making) {
    if (stateOf(making.source, making.plan) != making.madeOf)
        return errors::internal(QStringLiteral("'%1' was changed meanwhile.").arg(making.source));
    QFile mark(markIn(making.partial));
    if (mark.open(QIODevice::WriteOnly) && mark.write(making.madeOf) == making.madeOf.size() && mark.flush()) return {};
    return errors::internal(QStringLiteral("'%1' cannot be written: %2.").arg(mark.fileName(), mark.errorString()));
}

/// All of it, published by one rename; the folder's bytes.
Result<qint64> make(const Making &making, const std::stop_token &stop, const Told &told) {
    Result<void> done = makeRoom(making);
    if (done) done = copyOthers(making);
    if (done) done = convert(making, stop, told);
    if (done) done = writeMark(making);
    const auto published = done ? disk::publish(making.partial, making.folder) : Result<qint64>(done.error());
    if (!published) disk::remove(making.partial);
    return published;
}

Result<KeptWeights::Place> placeOf(const Model &model, const std::stop_token &stop, const Told &told) {
    using Place = KeptWeights::Place;
    // What is wrong with the files is for the load to find and to tell.
    auto plan = preview::planOfFolder(model.localPath);
    if (!plan || !plan->decoder || plan->decoder->quantization == "bitsandbytes") return Place{};
    Making making{*std::move(plan), model.localPath, files::weightsOf(model), {}, model.quantization, {}, 0};
    if (making.folder.isEmpty()) return Place{};
    making.partial = ModelDownload::partialFolderOf(making.folder);
    making.madeOf = stateOf(making.source, making.plan);
    making.required = requiredBytes(making.plan, making.scheme);
    if (isMade(making)) return Place{making.folder, files::bytesOf(making.folder)};
    const Result<qint64> made = make(making, stop, told);
    if (made) {
        qCInfo(modelsLog, "The %s weights of model %lld (%s) are kept in %s: %lld MiB",
               qPrintable(names::schemeId(making.scheme)), static_cast<long long>(model.id), qPrintable(model.name),
               qPrintable(making.folder), static_cast<long long>(errors::mebibytes(*made)));
        return Place{making.folder, *made};
    }
    if (stop.stop_requested()) return Error{ErrorCode::Cancelled, QStringLiteral("Cancelled."), {}};
    qCWarning(modelsLog, "The %s weights of model %lld (%s) cannot be kept, each load quantizes them: %s",
              qPrintable(names::schemeId(making.scheme)), static_cast<long long>(model.id), qPrintable(model.name),
              qPrintable(made.error().message));
    return Place{};
}

}  // namespace
}  // namespace keeping

KeptWeights::KeptWeights(QObject *parent) : QObject(parent) {}

KeptWeights::~KeptWeights() {
    cancel();
}

QFuture<Result<KeptWeights::Place>> KeptWeights::provide(const Model &model) {
    m_stop = {};
    const auto told = [this, id = model.id, clock = QElapsedTimer(), last = qint64(-1)](qint64 done, qint64 total) mutable {
        const bool end = done >= total;
        if (done == last || (clock.isValid() && clock.elapsed() < 100 && !end)) return;
        last = done;
        clock.start();
        LoadProgress progress;
        progress.modelId = id;
        progress.stage = LoadStage::Quantizing;
        progress.progress = total > 0 ? 100.0 * double(done) / double(total) : 0;
        QMetaObject::invokeMethod(this, [this, progress] { Q_EMIT progressed(progress); }, Qt::QueuedConnection);
    };
    return m_thread.run([model, told, stop = m_stop.get_token()] { return keeping::placeOf(model, stop, told); });
}

}  // namespace millm
