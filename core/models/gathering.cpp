#include "core/models/gathering.h"

#include "core/base/errors.h"
#include "core/base/writable_folder.h"
#include "core/downloads/disk.h"
#include "core/downloads/model_download.h"
#include "core/models/model_files.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace millm::gathering {
namespace {

constexpr qint64 block = 4 * 1024 * 1024;

struct Progress {
    const std::stop_token &stop;
    const Told &told;
    qint64 done = 0, total = 0;

    bool go(qint64 bytes) {
        done += bytes;
        told(done, total);
        return !stop.stop_requested();
    }
};

Error stopped() {
    return {ErrorCode::Cancelled, QStringLiteral("Moving the models was stopped; they are where they were."), {}};
}

Error failed(const QString &what, const QString &path, int systemError) {
    if (disk::isFull(systemError)) return errors::insufficientDisk(0, disk::available(path));
    return errors::internal(QStringLiteral("'%1' %2: %3.").arg(path, what, wordsOf(systemError)));
}

/// Writes all of it, and waits until the disk has it.
Result<void> copy(QFile &from, const QString &to, Progress &progress) {
    QFile file(to);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly | QIODevice::Unbuffered))
        return failed(QStringLiteral("cannot be made"), to, errno);
    for (;;) {
        const QByteArray bytes = from.read(block);
        if (bytes.isEmpty()) break;
        errno = 0;
        if (file.write(bytes) != bytes.size()) return failed(QStringLiteral("cannot be written"), to, errno);
        if (!progress.go(bytes.size())) return stopped();
    }
    if (from.error() != QFile::NoError)
        return errors::internal(QStringLiteral("'%1' cannot be read: %2.").arg(from.fileName(), from.errorString()));
    if (::fsync(file.handle()) != 0) return failed(QStringLiteral("cannot be written"), to, errno);
    // What is compared afterwards shall come from the disk.
    (void)::posix_fadvise(file.handle(), 0, 0, POSIX_FADV_DONTNEED);
    file.setPermissions(from.permissions());
    return {};
}

Result<void> compare(QFile &from, const QString &to, Progress &progress) {
    QFile file(to);
    if (!from.seek(0) || !file.open(QIODevice::ReadOnly) || file.size() != from.size())
        return errors::internal(QStringLiteral("'%1' is not what was written.").arg(to));
    for (;;) {
        const QByteArray one = from.read(block), two = file.read(block);
        if (one != two) return errors::internal(QStringLiteral("'%1' is not what was written.").arg(to));
        if (one.isEmpty()) return {};
        if (!progress.go(one.size())) return stopped();
    }
}

Result<void> bringFile(const QFileInfo &from, const QString &to, Progress &progress) {
    if (from.isSymLink()) {
        if (QFile::link(from.symLinkTarget(), to)) return {};
        return errors::internal(QStringLiteral("The link '%1' cannot be made.").arg(to));
    }
    if (::link(QFile::encodeName(from.filePath()).constData(), QFile::encodeName(to).constData()) == 0) {
        if (!progress.go(2 * from.size())) return stopped();
        return {};
    }
    QFile file(from.filePath());
    if (!file.open(QIODevice::ReadOnly))
        return errors::internal(QStringLiteral("'%1' cannot be read: %2.").arg(from.filePath(), file.errorString()));
    if (const Result<void> copied = copy(file, to, progress); !copied) return copied;
    return compare(file, to, progress);
}

Result<void> bringFolder(const Move &move, Progress &progress) {
    const QString partial = ModelDownload::partialFolderOf(move.into);
    if (auto made = disk::makeFolder(partial); !made) return made;
    QDirIterator entries(move.folder, QDir::AllEntries | QDir::System | QDir::Hidden | QDir::NoDotAndDotDot,
                         QDirIterator::Subdirectories);
    const QDir root(move.folder);
    while (entries.hasNext()) {
        const QFileInfo entry = entries.nextFileInfo();
        const QString to = partial + u'/' + root.relativeFilePath(entry.filePath());
        QDir().mkpath(QFileInfo(to).path());
        if (entry.isDir() && !entry.isSymLink()) {
            QDir().mkpath(to);
            continue;
        }
        if (const Result<void> brought = bringFile(entry, to, progress); !brought) {
            disk::remove(partial);
            return brought;
        }
    }
    const Result<qint64> published = disk::publish(partial, move.into);
    if (published) return {};
    disk::remove(partial);
    return published.error();
}

Result<void> bringOne(const Move &move, Progress &progress) {
    for (const QString &target : {move.target, move.into}) {
        const QFileInfo there(target);
        if (!target.isEmpty() && (there.exists() || there.isSymLink()))
            return errors::invalidRequest(QStringLiteral("model-cache-dir"),
                                          QStringLiteral("'%1' is there already.").arg(target));
    }
    if (!move.folder.isEmpty())
        if (const Result<void> brought = bringFolder(move, progress); !brought) return brought;
    if (!move.model.linked()) return {};
    const Result<void> linked = files::makeLink(move.target, move.model.localPath);
    if (!linked && !move.into.isEmpty()) disk::remove(move.into);
    return linked;
}

}  // namespace

QList<Move> elsewhere(const QList<Model> &models, const QString &cacheDir) {
    QList<Move> moves;
    for (const Model &model : models) {
        const QString cache = files::cacheOf(model);
        if (cache.isEmpty() || QDir::cleanPath(cache) == QDir::cleanPath(cacheDir)) continue;
        if (model.linked() ? !QFileInfo(model.cachePath).isSymLink() : !files::looksLikeModel(model.cachePath)) continue;
        const QString target = model.linked() ? files::localLink(cacheDir, model.name)
                               : model.kept   ? files::keptFolder(cacheDir, QFileInfo(model.cachePath).fileName())
                                              : files::downloadFolder(cacheDir, model.repoId, model.quantization);
        Move move{model, target, model.cachePath, target, 0};
        if (model.linked()) {
            Model there = model;
            there.cachePath = target;
            move.folder = files::weightsOf(model);
            move.into = files::weightsOf(there);
            if (!files::looksLikeModel(move.folder)) move.folder = move.into = QString();
        }
        if (!move.folder.isEmpty()) move.bytes = files::bytesOf(move.folder);
        moves << move;
    }
    return moves;
}

Result<void> bring(const QList<Move> &moves, const std::stop_token &stop, const Told &told) {
    Progress progress{stop, told};
    qint64 written = 0;
    for (const Move &move : moves) {
        progress.total += 2 * move.bytes;
        const QString config = move.folder + QStringLiteral("/config.json");
        if (move.bytes > 0 && !disk::areOnOneDisk(config, move.into)) written += move.bytes;
    }
    if (!moves.isEmpty() && written > 0) {
        const qint64 available = disk::available(moves.first().target), needed = written + written / 50;
        if (available < needed) return errors::insufficientDisk(needed, available);
    }
    for (qsizetype at = 0; at < moves.size(); ++at) {
        const Result<void> brought = stop.stop_requested() ? Result<void>(stopped()) : bringOne(moves[at], progress);
        if (brought) continue;
        takeBack(moves.first(at));
        return brought;
    }
    return {};
}

void takeBack(const QList<Move> &moves) {
    for (const Move &move : moves) {
        Model brought = move.model;
        brought.cachePath = move.target;
        (void)leave(brought);
    }
}

Result<void> leave(const Model &before) {
    const QString cache = files::cacheOf(before), weights = files::weightsOf(before);
    if (!before.linked()) return files::removeDownload(cache, before.cachePath);
    if (!weights.isEmpty())
        if (const Result<void> removed = files::removeDownload(cache, weights); !removed) return removed;
    if (files::removeLink(cache, before.cachePath)) return {};
    return errors::internal(QStringLiteral("The link '%1' could not be removed.").arg(before.cachePath));
}

}  // namespace millm::gathering
