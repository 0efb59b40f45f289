#include "core/downloads/disk.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace millm::disk {
namespace {

/// Waits until the disk has a file or a folder's entries.
bool sync(const QString &path) {
    const int file = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool done = ::fsync(file) == 0;
    ::close(file);
    return done;
}

Error failed(const QString &what, const QString &path) {
    return errors::downloadFailed(
        QStringLiteral("%1 \"%2\": %3.").arg(what, path, QString::fromLocal8Bit(std::strerror(errno))));
}

/// The folder, or where it is not there yet the first one above that is.
QDir existing(const QString &path) {
    QDir folder(path);
    while (!folder.exists() && !folder.isRoot()) folder.setPath(QFileInfo(folder.absolutePath()).path());
    return folder;
}

}  // namespace

qint64 available(const QString &path) {
    return QStorageInfo(existing(path)).bytesAvailable();
}

bool areOnOneDisk(const QString &file, const QString &folder) {
    struct stat one{}, other{};
    return ::stat(QFile::encodeName(file).constData(), &one) == 0 &&
           ::stat(QFile::encodeName(existing(folder).path()).constData(), &other) == 0 && one.st_dev == other.st_dev;
}

Result<void> makeFolder(const QString &path) {
    remove(path);
    if (!QDir().mkpath(path)) return failed(QStringLiteral("cannot make the folder"), path);
    return {};
}

bool copy(const QString &source, const QString &target) {
    QDir().mkpath(QFileInfo(target).path());
    return QFile::copy(source, target);
}

bool take(const QString &source, const QString &target) {
    QDir().mkpath(QFileInfo(target).path());
    if (::link(QFile::encodeName(source).constData(), QFile::encodeName(target).constData()) == 0) return true;
    return QFile::copy(source, target);
}

Result<qint64> publish(const QString &made, const QString &folder) {
    qint64 bytes = 0;
    QDirIterator walk(made, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QFileInfo entry = walk.nextFileInfo();
        if (entry.isFile()) bytes += entry.size();
        if (!sync(entry.filePath())) return failed(QStringLiteral("cannot keep"), entry.filePath());
    }
    if (!sync(made)) return failed(QStringLiteral("cannot keep"), made);
    // An older one of that name steps aside into the folder that is cleared afterwards.
    const QString old = QFileInfo(made).path() + QStringLiteral("/replaced");
    if (QFileInfo(folder).exists()) std::rename(QFile::encodeName(folder).constData(), QFile::encodeName(old).constData());
    if (std::rename(QFile::encodeName(made).constData(), QFile::encodeName(folder).constData()) != 0)
        return failed(QStringLiteral("cannot publish"), folder);
    sync(QFileInfo(folder).path());
    return bytes;
}

bool remove(const QString &folder) {
    const QFileInfo info(folder);
    const bool gone = info.isSymLink() ? QFile::remove(folder) : !info.exists() || QDir(folder).removeRecursively();
    if (!gone) qCWarning(downloadsLog).noquote() << "not all of" << folder << "could be removed; the next start tries again";
    return gone;
}

bool isFull(int systemError) {
    return systemError == ENOSPC || systemError == EDQUOT || systemError == EFBIG;
}

Error writingFailed(int systemError, const QString &path, qint64 required) {
    if (isFull(systemError)) return errors::insufficientDisk(required, available(path));
    return errors::downloadFailed(
        QStringLiteral("cannot write \"%1\": %2.").arg(path, QString::fromLocal8Bit(std::strerror(systemError))));
}

}  // namespace millm::disk
