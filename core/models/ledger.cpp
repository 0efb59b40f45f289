#include "core/models/ledger.h"

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/log_categories.h"
#include "core/models/model_names.h"

namespace millm {

namespace {

void logFailure(const Result<void> &done) {
    if (!done) qCWarning(modelsLog, "A change was not written to the database: %s", qPrintable(done.error().message));
}

}  // namespace

Ledger::Ledger(Database &database, QObject *parent) : QObject(parent), m_repository(database) {}

void Ledger::adopt(const Model &model, bool write) {
    m_catalog.put(model);
    if (write) this->write(model);
}

Result<QString> Ledger::reserveName(const QString &base, engine::Scheme scheme, bool exact) {
    const auto taken = [this](const QString &name) { return isTaken(name); };
    if (exact && taken(base))
        return errors::invalidRequest(QStringLiteral("custom_name"),
                                      QStringLiteral("Another model is called '%1' already.").arg(base));
    const QString name = names::unique(base, scheme, taken);
    m_reserved.insert(name);
    return name;
}

Error Ledger::withOther(Error error, const Model &model) const {
    const auto other = model.linked() ? m_catalog.findLinked(model.localPath)
                       : model.kept   ? m_catalog.findKept(model.localPath, model.quantization)
                                      : m_catalog.findRepository(model.repoId, model.quantization);
    if (error.code == ErrorCode::ModelAlreadyExists && other) error.details.insert(QStringLiteral("model_id"), other->id);
    return error;
}

QFuture<Result<Model>> Ledger::create(const Model &model) {
    Deferred<Result<Model>> deferred;
    m_repository.insert(model).then(this, [this, model, deferred](const Result<Model> &inserted) {
        release(model.name);
        if (!inserted) {
            // Queued: where somebody was faster with the same model, their answer is on its way in front of this turn, while
            // this one may have been here at once.
            QMetaObject::invokeMethod(
                this, [this, model, deferred, error = inserted.error()] { deferred.finish(withOther(error, model)); },
                Qt::QueuedConnection);
            return;
        }
        m_catalog.put(*inserted);
        Q_EMIT created(*inserted);
        deferred.finish(*inserted);
    });
    return deferred.future();
}

bool Ledger::apply(qint64 id, ModelEvent event, const QString &errorMessage, const std::function<void(Model &)> &edit) {
    if (!m_catalog.apply(id, event, errorMessage)) {
        qCWarning(modelsLog, "Model %lld: event %d is not possible in its state", static_cast<long long>(id), int(event));
        return false;
    }
    const bool kept = m_catalog.change(id, [&](Model &model) {
        if (edit) edit(model);
    });
    if (!kept) {
        m_repository.remove(id).then(this, logFailure);
        Q_EMIT deleted(id);
        return true;
    }
    const Model model = *m_catalog.find(id);
    write(model);
    Q_EMIT updated(model);
    return true;
}

void Ledger::show(qint64 id, const std::function<bool(Model &)> &edit) {
    bool changed = false;
    m_catalog.change(id, [&](Model &model) { changed = edit(model); });
    if (changed) Q_EMIT updated(*m_catalog.find(id));
}

void Ledger::rename(qint64 id, const QString &name, const QString &cachePath) {
    release(name);
    revise(id, [&](Model &model) {
        model.name = name;
        model.cachePath = cachePath;
    });
}

bool Ledger::revise(qint64 id, const std::function<void(Model &)> &edit) {
    const bool there = m_catalog.change(id, [&](Model &model) {
        edit(model);
        model.updatedAt = QDateTime::currentDateTimeUtc();
    });
    if (!there) return false;
    const Model model = *m_catalog.find(id);
    write(model);
    Q_EMIT updated(model);
    return true;
}

QFuture<Result<void>> Ledger::relocate(qint64 id, const QString &cachePath) {
    const bool there = m_catalog.change(id, [&](Model &model) {
        model.cachePath = cachePath;
        model.updatedAt = QDateTime::currentDateTimeUtc();
    });
    if (!there) return resolved(Result<void>(errors::modelNotFound(id)));
    const Model model = *m_catalog.find(id);
    Q_EMIT updated(model);
    return m_repository.update(model);
}

void Ledger::write(const Model &model) {
    m_repository.update(model).then(this, logFailure);
}

}  // namespace millm
