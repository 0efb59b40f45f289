#pragma once

#include "core/base/error.h"
#include "core/models/model.h"

#include <QList>
#include <QString>

/// The model cache on disk: huggingface/owner--name--Q4 for downloads, quantized/ for what is made of folders, local/ for
/// symlinks. Blocking; a worker's thread.
namespace millm::files {

QString downloadFolder(const QString &cacheDir, const QString &repoId, engine::Scheme scheme);
QString keptFolder(const QString &cacheDir, const QString &name);
/// The first folder of that name, or with a number behind it, that is not there.
QString freeKeptFolder(const QString &cacheDir, const QString &name);
QString localLink(const QString &cacheDir, const QString &name);  ///< names are unique, so links are

/// A finished download found on disk.
struct Finished {
    QString folder, repoId;
    engine::Scheme scheme = engine::Scheme::NF4;
};
/// All of them; names that are not "owner--name--Scheme" are somebody else's.
QList<Finished> finishedDownloads(const QString &cacheDir);

/// Does this folder hold config.json? Where not, errno says why (0: it is no file).
bool looksLikeModel(const QString &folder);
/// Bytes of all regular files below; symlinks are not followed.
qint64 bytesOf(const QString &folder);

/// The folder's real, absolute path, or InvalidLocalPath: relative, with "..", not there, no folder, without config.json, or
/// inside the cache itself (its files would go with another record).
Result<QString> checkLocalPath(const QString &path, const QString &cacheDir);

/// The cache that a download's folder lies in, which may have been another one's turn; empty where its name is not the
/// download's.
QString cacheOf(const QString &folder, const QString &repoId, engine::Scheme scheme);
/// The same of a model by its cachePath, a linked one's link.
QString cacheOf(const Model &model);

/// Where the quantized weights of a linked model are kept once a load has made them, whatever the model is called; empty where
/// there are none to be kept, or its link is in no cache.
QString weightsOf(const Model &model);

/// Removes a folder that is the cache's own. Refuses whatever does not lie in its folders of downloads and of what is made;
/// symlinks in it are removed, not followed.
Result<void> removeDownload(const QString &cacheDir, const QString &folder);

Result<void> makeLink(const QString &link, const QString &target);
/// Removes a link in the cache's local folder; never what it points at. True where it is gone.
bool removeLink(const QString &cacheDir, const QString &link);

}  // namespace millm::files
