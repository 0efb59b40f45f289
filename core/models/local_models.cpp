#include "core/models/local_models.h"

#include "core/base/errors.h"
#include "core/base/worker_thread.h"
#include "core/inference/inference_service.h"
#include "core/models/downloads_flow.h"
#include "core/models/memory_estimator.h"
#include "core/models/model_files.h"
#include "core/models/model_names.h"

#include <QFileInfo>

namespace millm {

namespace {

/// The record but for its name; blocking.
Result<Model> read(const LocalRequest &request, const QString &cacheDir, const DeviceMemory &memory) {
    const auto path = files::checkLocalPath(request.path, cacheDir);
    if (!path) return path.error();
    const auto facts = estimator::readFolder(*path, request.trustRemoteCode);
    if (!facts) {
        const Error &error = facts.error();
        if (error.code == ErrorCode::UnsupportedModel || error.code == ErrorCode::RemoteCodeRequired) return error;
        Error invalid = errors::invalidLocalPath(request.path);
        invalid.details.insert(QStringLiteral("reason"), error.message);
        return invalid;
    }
    Model model;
    model.source = ModelSource::Local;
    model.localPath = *path;
    model.quantization = request.quantization;
    model.trustRemoteCode = request.trustRemoteCode;
    model.state = ModelState::Ready;
    fillFromFolder(model, *facts, memory);
    return model;
}

}  // namespace

LocalModels::LocalModels(const QString &cacheDir, Ledger &ledger, InferenceService &inference, WorkerThread &worker,
                         QObject *parent)
    : QObject(parent), m_cacheDir(cacheDir), m_ledger(ledger), m_inference(inference), m_worker(worker) {}

QFuture<Result<Model>> LocalModels::add(const LocalRequest &request) {
    using Answer = Result<Model>;
    if (!request.customName.isEmpty())
        if (auto valid = names::validate(request.customName); !valid) return resolved(Answer(valid.error()));
    Deferred<Answer> answer;
    m_inference.deviceMemory().then(this, [this, request, answer](const DeviceMemory &memory) {
        m_worker.run([request, cacheDir = m_cacheDir, memory] { return read(request, cacheDir, memory); })
            .then(this, [this, request, answer](const Answer &model) {
                if (model)
                    create(request, *model, answer);
                else
                    answer.finish(model.error());
            });
    });
    return answer.future();
}

void LocalModels::create(const LocalRequest &request, const Model &described, const Deferred<Result<Model>> &answer) {
    if (const auto existing = m_ledger.catalog().findLinked(described.localPath)) {
        answer.finish(errors::localAlreadyExists(described.localPath, existing->id));
        return;
    }
    const bool exact = !request.customName.isEmpty();
    const QString base = exact ? request.customName : names::fromFolder(QFileInfo(described.localPath).fileName());
    const auto name = m_ledger.reserveName(base, described.quantization, exact);
    if (!name) {
        answer.finish(name.error());
        return;
    }
    Model model = described;
    model.name = *name;
    model.cachePath = files::localLink(m_cacheDir, model.name);
    m_worker.run([link = model.cachePath, target = model.localPath] { return files::makeLink(link, target); })
        .then(this, [this, model, answer](const Result<void> &linked) {
            if (!linked) {
                m_ledger.release(model.name);
                answer.finish(linked.error());
                return;
            }
            m_ledger.create(model).then(this, [this, model, answer](const Result<Model> &created) {
                if (!created)
                    m_worker.run([link = model.cachePath, cacheDir = m_cacheDir] { files::removeLink(cacheDir, link); });
                answer.finish(created);
            });
        });
}

QFuture<Result<Model>> LocalModels::rename(const Model &model, const QString &name) {
    Deferred<Result<Model>> answer;
    // In the same cache, where what is kept of its weights lies too.
    const QString own = files::cacheOf(model), cache = own.isEmpty() ? m_cacheDir : own;
    const QString link = files::localLink(cache, name);
    m_worker.run([link, target = model.localPath] { return files::makeLink(link, target); })
        .then(this, [this, model, name, link, cache, answer](const Result<void> &linked) {
            const auto now = m_ledger.catalog().find(model.id);
            std::optional<Error> error;
            if (!linked)
                error = linked.error();
            else if (!now)
                error = errors::modelNotFound(model.id);
            else if (!allows(now->state, ModelEvent::LoadRequested))
                error = errors::busy(model.id, QStringLiteral("The model is being loaded meanwhile."));
            // Of the two links the one that no record has goes.
            const QString unused = error ? link : model.cachePath;
            m_worker.run([unused, cache] { files::removeLink(cache, unused); });
            if (error) {
                m_ledger.release(name);
                answer.finish(*error);
                return;
            }
            m_ledger.rename(model.id, name, link);
            answer.finish(*m_ledger.catalog().find(model.id));
        });
    return answer.future();
}

}  // namespace millm
