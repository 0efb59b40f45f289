#include "core/models/lifecycle.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/worker_thread.h"
#include "core/inference/inference_service.h"
#include "core/models/memory_estimator.h"

namespace millm {

namespace {

constexpr int graceSeconds = 30;

}  // namespace

Lifecycle::Lifecycle(Ledger &ledger, InferenceService &inference, WorkerThread &worker, QObject *parent)
    : QObject(parent), m_ledger(ledger), m_inference(inference), m_worker(worker) {
    connect(&inference, &InferenceService::loadProgressed, this, &Lifecycle::progressed);
    connect(&inference, &InferenceService::unloadProgressed, this, [this](qint64 id, int pending) {
        Q_EMIT unloadProgressed(id, pending);
        if (!m_current || *m_current == id) return;
        LoadProgress progress;
        progress.modelId = *m_current;
        progress.stage = LoadStage::UnloadingPrevious;
        progress.pendingRequests = pending;
        Q_EMIT progressed(progress);
    });
}

std::optional<qint64> Lifecycle::loadedId() const {
    const auto model = m_ledger.catalog().inState({ModelState::Loaded, ModelState::Unloading});
    return model ? std::optional(model->id) : std::nullopt;
}

QFuture<Result<Lifecycle::Facts>> Lifecycle::facts(const Model &model) {
    using Answer = Result<Facts>;
    if (const auto known = m_facts.value(model.id)) return resolved(Answer(known));
    Deferred<Answer> deferred;
    m_worker.run([folder = model.cachePath, trust = model.trustRemoteCode] { return estimator::readFolder(folder, trust); })
        .then(this, [this, deferred, model](const FolderReading &read) {
            if (!read) {
                deferred.finish(errors::loadFailed(model.id, read.error().message));
                return;
            }
            auto kept = std::make_shared<const FolderFacts>(*read);
            // Somebody may edit a local model's folder at any time.
            if (model.source != ModelSource::Local) m_facts.insert(model.id, kept);
            deferred.finish(Facts(std::move(kept)));
        });
    return deferred.future();
}

QFuture<Result<MemoryCheck>> Lifecycle::checkMemory(qint64 id) {
    using Answer = Result<MemoryCheck>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (model->state == ModelState::Queued || model->state == ModelState::Downloading ||
        model->state == ModelState::DownloadFailed)
        return resolved(Answer(errors::busy(id, QStringLiteral("The model's files are not there yet."))));
    Deferred<Answer> deferred;
    facts(*model).then(this, [this, deferred, scheme = model->quantization](const Result<Facts> &facts) {
        if (!facts) {
            deferred.finish(facts.error());
            return;
        }
        m_inference.deviceMemory().then(this, [this, deferred, scheme, facts = *facts](const DeviceMemory &memory) {
            m_worker
                .run([facts, scheme, memory]() -> Result<SizeEstimate> {
                    return estimator::estimate(facts->decoder, facts->tensors, scheme, memory);
                })
                .then(this, [this, deferred, memory](const Result<SizeEstimate> &need) {
                    if (!need) {
                        deferred.finish(need.error());
                        return;
                    }
                    MemoryCheck check;
                    check.gpu = memory.gpu;
                    check.need = *need;
                    check.totalBytes = memory.totalBytes;
                    check.availableBytes = memory.freeBytes;
                    // The present model goes before the next one comes.
                    if (const auto loaded = m_inference.loaded())
                        check.availableBytes = std::min(memory.totalBytes, memory.freeBytes + loaded->memoryBytes);
                    check.fits = check.need.memoryBytes <= check.availableBytes;
                    deferred.finish(check);
                });
        });
    });
    return deferred.future();
}

std::optional<Error> Lifecycle::refusal(const Model &model) const {
    if (m_stopped) return errors::shuttingDown();
    if (model.state == ModelState::Loaded) return errors::alreadyLoaded(model.id);
    if (model.state == ModelState::Unloading) return errors::busy(model.id, QStringLiteral("The model is being unloaded."));
    if (m_current == model.id) return errors::busy(model.id, QStringLiteral("The model is being loaded already."));
    if (m_current) return errors::busy(model.id, QStringLiteral("Another model is being loaded."));
    if (!allows(model.state, ModelEvent::LoadRequested))
        return errors::busy(model.id, QStringLiteral("The model's files are not there yet."));
    return {};
}

QFuture<Result<Model>> Lifecycle::load(qint64 id, bool force) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (auto refused = refusal(*model)) return resolved(Answer(*refused));
    m_current = id;
    Deferred<Answer> answer;
    if (force) {
        begin(id, answer);
        return answer.future();
    }
    checkMemory(id).then(this, [this, id, answer](const Result<MemoryCheck> &check) {
        std::optional<Error> error;
        if (m_stopped) error = errors::shuttingDown();
        // What is wrong with the files is for the load itself to find and to tell: it has begun then.
        if (check && !check->fits)
            error = errors::insufficientMemory(id, check->need.memoryBytes, check->availableBytes, check->gpu);
        if (error) {
            m_current.reset();
            answer.finish(*error);
            return;
        }
        begin(id, answer);
    });
    return answer.future();
}

void Lifecycle::begin(qint64 id, const Deferred<Result<Model>> &answer) {
    const auto previous = loadedId();
    m_ledger.apply(id, ModelEvent::LoadRequested);
    answer.finish(*m_ledger.catalog().find(id));
    if (!previous) {
        startLoading(id);
        return;
    }
    LoadProgress progress;
    progress.modelId = id;
    progress.stage = LoadStage::UnloadingPrevious;
    progress.pendingRequests = m_inference.pendingRequests();
    Q_EMIT progressed(progress);
    unloadWithin(*previous, graceSeconds).then(this, [this, id](const Result<Model> &) { startLoading(id); });
}

void Lifecycle::startLoading(qint64 id) {
    const auto model = m_ledger.catalog().find(id);
    if (!model || m_stopped) {
        loadEnded(id, Error{ErrorCode::Cancelled, QStringLiteral("Cancelled."), {}});
        return;
    }
    qCInfo(modelsLog, "Loading model %lld (%s)", static_cast<long long>(id), qPrintable(model->name));
    std::optional<engine::Scheme> quantize;
    if (model->source == ModelSource::Local && model->quantization != engine::Scheme::Plain) quantize = model->quantization;
    m_inference.load(*model, quantize).then(this, [this, id](const Result<LoadedModel> &result) { loadEnded(id, result); });
}

void Lifecycle::loadEnded(qint64 id, const Result<LoadedModel> &result) {
    m_current.reset();
    std::optional<Error> error;
    if (result) {
        m_ledger.apply(id, ModelEvent::LoadFinished, {}, [&](Model &model) {
            model.device = result->device;
            model.memoryUsedMb = errors::mebibytes(result->memoryBytes);
            model.loadedAt = result->loadedAt;
        });
        qCInfo(modelsLog, "Model %lld is loaded on %s", static_cast<long long>(id), qPrintable(result->device));
    } else if (result.error().code == ErrorCode::Cancelled) {
        error = result.error();
        m_ledger.apply(id, ModelEvent::LoadCancelled);
    } else {
        error = result.error();
        m_ledger.apply(id, ModelEvent::LoadFailed, error->message);
        qCWarning(modelsLog, "Model %lld: %s", static_cast<long long>(id), qPrintable(error->message));
    }
    const auto model = m_ledger.catalog().find(id);
    const auto waiting = m_loadWaiters.values(id);
    m_loadWaiters.remove(id);
    for (const auto &deferred : waiting)
        deferred.finish(error || !model ? Result<Model>(error.value_or(errors::modelNotFound(id))) : Result<Model>(*model));
    if (error)
        Q_EMIT failed(id, *error);
    else if (model)
        Q_EMIT completed(*model);
}

QFuture<Result<Model>> Lifecycle::loadFinished(qint64 id) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (model->state == ModelState::Loading) {
        Deferred<Answer> deferred;
        m_loadWaiters.insert(id, deferred);
        return deferred.future();
    }
    if (model->state == ModelState::LoadFailed) {
        Error error = errors::loadFailed(id, {});
        error.message = model->errorMessage;  // the whole sentence already
        return resolved(Answer(error));
    }
    return resolved(Answer(*model));
}

QFuture<Result<Model>> Lifecycle::unload(qint64 id) {
    return unloadWithin(id, graceSeconds);
}

QFuture<Result<Model>> Lifecycle::unloadWithin(qint64 id, int seconds) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (model->state == ModelState::Unloading) {
        m_inference.unload(seconds);  // a shorter grace wins
        return m_unloading.value(id);
    }
    if (!allows(model->state, ModelEvent::UnloadRequested)) return resolved(Answer(errors::notLoaded(id)));
    Deferred<Answer> deferred;
    m_unloading.insert(id, deferred.future());
    m_ledger.apply(id, ModelEvent::UnloadRequested);
    m_inference.unload(seconds).then(this, [this, id, deferred] {
        m_unloading.remove(id);
        m_ledger.apply(id, ModelEvent::UnloadFinished);
        const auto done = m_ledger.catalog().find(id);
        qCInfo(modelsLog, "Model %lld is unloaded", static_cast<long long>(id));
        deferred.finish(done ? Answer(*done) : Answer(errors::modelNotFound(id)));
        if (done) Q_EMIT unloaded(*done);
    });
    return deferred.future();
}

QFuture<void> Lifecycle::stop(int seconds) {
    m_stopped = true;
    Deferred<void> deferred;
    const auto unloadRest = [this, seconds, deferred] {
        const auto id = loadedId();
        if (!id)
            deferred.finish();
        else
            unloadWithin(*id, seconds).then(this, [deferred](const Result<Model> &) { deferred.finish(); });
    };
    m_inference.cancelLoad();
    if (m_current && m_ledger.catalog().find(*m_current) && m_ledger.catalog().find(*m_current)->state == ModelState::Loading) {
        // Where the load waits for the one before to go, that goes sooner.
        if (const auto previous = loadedId()) m_inference.unload(seconds);
        loadFinished(*m_current).then(this, [unloadRest](const Result<Model> &) { unloadRest(); });
    } else {
        unloadRest();
    }
    return deferred.future();
}

}  // namespace millm
