#include "core/hub/repository_inspector.h"

#include "core/base/futures.h"
#include "core/hub/hub_client.h"
#include "core/hub/inspection.h"
#include "core/hub/repository_name.h"

#include <QPromise>

#include <memory>

namespace millm {

RepositoryInspector::RepositoryInspector(HubClient &hub, QObject *parent) : QObject(parent), m_hub(hub) {}

QFuture<Result<RepositoryPlan>> RepositoryInspector::inspect(const QString &repoId, const QString &token) {
    const auto name = normalise(repoId);
    if (!name) return resolved(Result<RepositoryPlan>(name.error()));
    auto promise = std::make_shared<QPromise<Result<RepositoryPlan>>>();
    promise->start();
    auto *inspection = new Inspection(m_hub, m_worker, *name, token, this);
    connect(inspection, &Inspection::finished, this, [promise, inspection] {
        promise->addResult(inspection->result());
        promise->finish();
        inspection->deleteLater();
    });
    inspection->start();
    return promise->future();
}

QFuture<Result<void>> RepositoryInspector::checkAccess(const RepositoryPlan &plan, const QString &token) {
    // What lies in the official clients' cache needs nobody's leave, and public files neither.
    if (m_hub.offline() || (!plan.gated && !plan.isPrivate)) return resolved(Result<void>());
    auto promise = std::make_shared<QPromise<Result<void>>>();
    promise->start();
    m_hub.checkAccess(this, plan.repoId, token, [promise](HubResult<bool> answer) {
        promise->addResult(answer ? Result<void>() : Result<void>(answer.error().error));
        promise->finish();
    });
    return promise->future();
}

Result<QString> RepositoryInspector::normalise(const QString &text) {
    return normaliseRepositoryName(text);
}

}  // namespace millm
