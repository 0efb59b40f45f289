#pragma once

#include "core/base/error.h"
#include "core/base/worker_thread.h"
#include "core/hub/repository.h"

#include <QFuture>
#include <QObject>

namespace millm {

class HubClient;

/// Asks the Hub (or the official clients' cache where offline) what a repository is: info, tree, config.json, and the
/// weight files' headers by Range. Services thread; answers there.
class RepositoryInspector : public QObject {
    Q_OBJECT
public:
    explicit RepositoryInspector(HubClient &hub, QObject *parent = nullptr);

    /// Metadata only: succeeds for gated repositories without a token too (then without tensors, and `closed`).
    /// InvalidRepoId, RepoNotFound, InvalidHfToken, ModelDownloadFailed (network, with EC-1.3's words).
    QFuture<Result<RepositoryPlan>> inspect(const QString &repoId, const QString &token);

    /// May this token read the repository's files? GatedModelNoToken, InvalidHfToken, RepoNotFound.
    QFuture<Result<void>> checkAccess(const RepositoryPlan &plan, const QString &token);

    /// Is this a well-formed id (also a pasted Hub URL)? The normalised "owner/name", or InvalidRepoId.
    static Result<QString> normalise(const QString &text);

private:
    HubClient &m_hub;
    WorkerThread m_worker{QStringLiteral("inspection")};
};

}  // namespace millm
