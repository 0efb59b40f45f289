#include "core/hub/hub_cache.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace millm {
namespace {

bool isCommit(const QString &text) {
    static const QRegularExpression commit(QStringLiteral("\\A[0-9a-f]{40}\\z"));
    return commit.match(text).hasMatch();
}

/// The real file behind a path of the cache; empty where it leads out of the cache.
QString inside(const QString &path, const QString &folder) {
    const QString real = QFileInfo(path).canonicalFilePath();
    const QString root = QFileInfo(folder).canonicalFilePath();
    return !root.isEmpty() && real.startsWith(root + QLatin1Char('/')) && QFileInfo(real).isFile() ? real : QString();
}

}  // namespace

QString HubCache::repositoryFolder(const QString &repoId) const {
    if (m_folder.isEmpty()) return {};
    const QString name = QStringLiteral("models--") + QString(repoId).replace(QLatin1Char('/'), QLatin1StringView("--"));
    const QDir cache(m_folder);
    for (const QString &entry : cache.entryList({QStringLiteral("models--*")}, QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (entry.compare(name, Qt::CaseInsensitive) == 0) return cache.filePath(entry);
    }
    return {};
}

std::optional<HubCache::Snapshot> HubCache::snapshot(const QString &repoId, const QString &revision) const {
    const QString folder = repositoryFolder(repoId);
    if (folder.isEmpty()) return {};
    Snapshot snapshot;
    snapshot.repoId = QFileInfo(folder).fileName().mid(8).replace(QLatin1StringView("--"), QLatin1StringView("/"));
    snapshot.commit = revision;
    if (!isCommit(revision)) {
        QFile reference(folder + QStringLiteral("/refs/") + revision);
        // A named pipe would be waited for.
        if (!QFileInfo(reference).isFile() || !reference.open(QIODevice::ReadOnly)) return {};
        snapshot.commit = QString::fromLatin1(reference.read(100).trimmed());
        if (!isCommit(snapshot.commit)) return {};
    }
    const QDir root(folder + QStringLiteral("/snapshots/") + snapshot.commit);
    if (!root.exists()) return {};
    QDirIterator walk(root.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QString path = walk.next();
        const QString real = inside(path, m_folder);
        if (real.isEmpty()) continue;
        HubFile file;
        file.path = root.relativeFilePath(path);
        file.size = QFileInfo(real).size();
        if (file.size > largestHubFile) continue;
        // Where there are no symbolic links, the name says nothing of the content.
        const QByteArray sum = QByteArray::fromHex(QFileInfo(real).fileName().toLatin1());
        if (QFileInfo(real).dir().dirName() == QLatin1StringView("blobs")) {
            if (sum.size() == 32) file.sha256 = sum;
            if (sum.size() == 20) file.gitSha1 = sum;
        }
        snapshot.files.append(file);
    }
    return snapshot;
}

QString HubCache::find(const QString &repoId, const QString &commit, const HubFile &file) const {
    const QString folder = repositoryFolder(repoId);
    if (folder.isEmpty()) return {};
    const QString sum = QString::fromLatin1((file.sha256.isEmpty() ? file.gitSha1 : file.sha256).toHex());
    for (const QString &place :
         {QStringLiteral("/blobs/") + sum, QStringLiteral("/snapshots/") + commit + QLatin1Char('/') + file.path}) {
        if (place.endsWith(QLatin1Char('/'))) continue;
        const QString real = inside(folder + place, m_folder);
        if (!real.isEmpty() && QFileInfo(real).size() == file.size) return real;
    }
    return {};
}

}  // namespace millm
