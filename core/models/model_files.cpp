#include "core/models/model_files.h"

#include "core/base/errors.h"
#include "core/models/model_names.h"

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <cerrno>

namespace millm::files {

namespace {

constexpr qsizetype longestFolder = 100;  // of its name, which gets more behind it

QString downloads(const QString &cacheDir) {
    return QDir(cacheDir).filePath(QStringLiteral("huggingface"));
}
QString links(const QString &cacheDir) {
    return QDir(cacheDir).filePath(QStringLiteral("local"));
}
QString made(const QString &cacheDir) {
    return QDir(cacheDir).filePath(QStringLiteral("quantized"));
}
/// "." and ".." are allowed as names; '@' is in none.
QString asFile(const QString &name) {
    const bool dots = name == QStringLiteral(".") || name == QStringLiteral("..");
    return dots ? QLatin1Char('@') + name : name;
}

/// Is `path`, by its text, a direct child of `parent`?
bool isChild(const QString &path, const QString &parent) {
    const QString clean = QDir::cleanPath(path);
    return !path.contains(QStringLiteral("/../")) && QFileInfo(clean).path() == QDir::cleanPath(parent) &&
           !QFileInfo(clean).fileName().isEmpty();
}

}  // namespace

QString downloadFolder(const QString &cacheDir, const QString &repoId, engine::Scheme scheme) {
    QString name = repoId;
    name.replace(QLatin1Char('/'), QStringLiteral("--"));
    return QDir(downloads(cacheDir)).filePath(QStringLiteral("%1--%2").arg(name, names::schemeId(scheme)));
}

QString localLink(const QString &cacheDir, const QString &name) {
    return QDir(links(cacheDir)).filePath(asFile(name));
}

QString keptFolder(const QString &cacheDir, const QString &name) {
    return QDir(made(cacheDir)).filePath(asFile(name));
}

QString freeKeptFolder(const QString &cacheDir, const QString &name) {
    QString folder = keptFolder(cacheDir, name);
    for (int number = 2; QFileInfo::exists(folder); ++number)
        folder = keptFolder(cacheDir, QStringLiteral("%1-%2").arg(name).arg(number));
    return folder;
}

QList<Finished> finishedDownloads(const QString &cacheDir) {
    QList<Finished> found;
    const QDir folder(downloads(cacheDir));
    const auto entries = folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot | QDir::NoSymLinks, QDir::Name);
    for (const auto &name : entries) {
        const auto parts = name.split(QStringLiteral("--"));
        if (parts.size() != 3 || parts[0].isEmpty() || parts[1].isEmpty()) continue;
        const auto scheme = engine::scheme_from_id(parts[2].toStdString());
        if (scheme && looksLikeModel(folder.filePath(name)))
            found << Finished{folder.filePath(name), parts[0] + QLatin1Char('/') + parts[1], *scheme};
    }
    return found;
}

bool looksLikeModel(const QString &folder) {
    struct stat info{};
    errno = 0;
    const QByteArray path = QFile::encodeName(QDir(folder).filePath(QStringLiteral("config.json")));
    return ::stat(path.constData(), &info) == 0 && S_ISREG(info.st_mode);
}

qint64 bytesOf(const QString &folder) {
    qint64 bytes = 0;
    QDirIterator entries(folder, QDir::Files | QDir::Hidden | QDir::NoSymLinks, QDirIterator::Subdirectories);
    while (entries.hasNext()) bytes += entries.nextFileInfo().size();
    return bytes;
}

Result<QString> checkLocalPath(const QString &path, const QString &cacheDir) {
    const Error invalid = errors::invalidLocalPath(path);
    // A path of the file system has no NUL; Qt would cut it there and look at another one.
    if (!path.startsWith(QLatin1Char('/')) || path.contains(QChar(0))) return invalid;
    if (path.split(QLatin1Char('/')).contains(QStringLiteral(".."))) return invalid;
    const QFileInfo info(QDir::cleanPath(path));
    if (!info.isDir()) return invalid;
    const QString real = info.canonicalFilePath();
    const QString cache = QFileInfo(cacheDir).canonicalFilePath();
    if (!cache.isEmpty() && (real + QLatin1Char('/')).startsWith(cache + QLatin1Char('/'))) return invalid;
    if (real.isEmpty() || real.toUtf8().size() > 500 || !looksLikeModel(real)) return invalid;
    return real;
}

QString cacheOf(const QString &folder, const QString &repoId, engine::Scheme scheme) {
    const QString cache = QFileInfo(QFileInfo(folder).path()).path();
    return downloadFolder(cache, repoId, scheme) == folder && QDir::cleanPath(folder) == folder ? cache : QString();
}

QString cacheOf(const Model &model) {
    const QFileInfo info(model.cachePath);
    const QString cache = QFileInfo(info.path()).path();
    if (model.linked()) return localLink(cache, model.name) == model.cachePath ? cache : QString();
    if (!model.kept) return cacheOf(model.cachePath, model.repoId, model.quantization);
    return QDir::cleanPath(model.cachePath) == model.cachePath && made(cache) == info.path() ? cache : QString();
}

QString weightsOf(const Model &model) {
    const QString cache = cacheOf(model);
    if (!model.linked() || model.quantization == engine::Scheme::Plain || cache.isEmpty()) return {};
    const QByteArray hash = QCryptographicHash::hash(model.localPath.toUtf8(), QCryptographicHash::Sha256).toHex();
    const QString name = names::fromFolder(QFileInfo(model.localPath).fileName()).left(longestFolder);
    // No kept model's folder begins so.
    return keptFolder(cache, QStringLiteral("@%1-%2-%3").arg(name, names::schemeId(model.quantization), hash.first(12)));
}

Result<void> removeDownload(const QString &cacheDir, const QString &folder) {
    if (!isChild(folder, downloads(cacheDir)) && !isChild(folder, made(cacheDir)))
        return errors::internal(QStringLiteral("'%1' is not in the model cache and is left alone.").arg(folder));
    const QFileInfo info(folder);
    if (info.isSymLink()) {
        if (QFile::remove(folder)) return {};
    } else if (!info.exists() || QDir(folder).removeRecursively()) {
        return {};
    }
    return errors::internal(QStringLiteral("The files in '%1' could not all be removed.").arg(folder));
}

Result<void> makeLink(const QString &link, const QString &target) {
    QDir().mkpath(QFileInfo(link).path());
    if (QFileInfo(link).isSymLink()) QFile::remove(link);
    if (QFile::link(target, link)) return {};
    return errors::internal(QStringLiteral("The link '%1' cannot be made.").arg(link));
}

bool removeLink(const QString &cacheDir, const QString &link) {
    const QFileInfo info(link);
    if (!info.isSymLink()) return !info.exists();
    return isChild(link, links(cacheDir)) && QFile::remove(link);
}

}  // namespace millm::files
