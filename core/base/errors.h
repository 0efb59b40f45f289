#pragma once

#include "core/base/error.h"
#include "core/engine/result.h"

#include <QString>

#include <utility>

/// The words of every error, with their numbers (the PRD's sentences EC-1.1 to EC-1.7 among them).
namespace millm::errors {

Error invalidRequest(const QString &field, const QString &why);
Error modelNotFound(qint64 id);
Error modelAlreadyExists(const QString &repoId, const QString &scheme, qint64 existingId);
Error localAlreadyExists(const QString &path, qint64 existingId);
Error downloadFailed(const QString &why);  ///< "Download failed: …"
Error searchFailed(const Error &failure);  ///< what a question to the Hub failed with, in the words of a search
Error networkFailed();                     ///< EC-1.3
Error loadFailed(qint64 id, const QString &why);
Error outOfMemory(qint64 id);  ///< EC-1.6, code ModelLoadFailed
Error alreadyLoaded(qint64 id);
Error notLoaded(qint64 id);
Error notDownloading(qint64 id);
Error busy(qint64 id, const QString &why);
Error shuttingDown();
Error queueFull(int waiting);
Error insufficientMemory(qint64 id, qint64 requiredBytes, qint64 availableBytes, bool gpu);  ///< EC-1.2
Error insufficientDisk(qint64 requiredBytes, qint64 availableBytes);                         ///< EC-1.1
Error invalidRepoId(const QString &repoId, const QString &why);
Error invalidLocalPath(const QString &path);  ///< EC-1.5
Error repoNotFound(const QString &repoId);    ///< EC-1.4
Error gatedNoToken(const QString &repoId);
Error invalidToken(const QString &repoId, const QString &why);
Error unsupported(const QString &why);
Error remoteCodeRequired(const QString &why);
Error internal(const QString &why);

/// The engine's error as a client's, without a model.
Error fromEngine(const engine::Error &error);

/// What is needed, rounded up, and what is there, rounded down, so that no sentence reads "need 1.8 GB, only 1.8 GB available".
std::pair<QString, QString> needAndHave(qint64 needBytes, qint64 haveBytes);
/// Sizes in words: "1.8 GB" (decimal, one digit), as the PRD's sentences have them.
QString gigabytes(qint64 bytes);
/// Whole MiB, rounded up, at least 1: every `*_mb` of the interfaces.
qint64 mebibytes(qint64 bytes);

}  // namespace millm::errors
