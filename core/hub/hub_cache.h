#pragma once

#include "core/hub/repository.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

namespace millm {

/// The official clients' cache on this machine, read only: nothing in it is ever written, moved or deleted. Its blobs are named
/// by their checksums. Any thread.
class HubCache {
public:
    explicit HubCache(const QString &folder) : m_folder(folder) {}

    /// What of a repository lies there: the commit of `revision` ("main", or a commit), its files with size and checksum.
    struct Snapshot {
        QString repoId;  ///< as the cache spells it
        QString commit;
        QList<HubFile> files;
    };
    std::optional<Snapshot> snapshot(const QString &repoId, const QString &revision) const;

    /// A file with this content by name and size (not yet by checksum); empty where there is none.
    QString find(const QString &repoId, const QString &commit, const HubFile &file) const;

private:
    /// The repository's folder, whatever case its name is in; empty where there is none.
    QString repositoryFolder(const QString &repoId) const;

    QString m_folder;
};

}  // namespace millm
