#include "core/models/lifecycle.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/worker_thread.h"
#include "core/inference/inference_service.h"
#include "core/models/memory_estimator.h"

#include <algorithm>
#include <utility>

namespace millm {

namespace {

constexpr int graceSeconds = 30;

Error cancelled() {
    return {ErrorCode::Cancelled, QStringLiteral("Cancelled."), {}};
}

}  // namespace

Lifecycle::Lifecycle(Ledger &ledger, InferenceService &inference, WorkerThread &worker, QObject *parent)
    : QObject(parent), m_ledger(ledger), m_inference(inference), m_worker(worker) {
    connect(&inference, &InferenceService::loadProgressed, this, &Lifecycle::progressed);
    connect(&m_kept, &KeptWeights::progressed, this, &Lifecycle::progressed);
    // A card shows what requests took when they have ended; while they run, whoever wants to know asks.
    connect(&inference, &InferenceService::pendingChanged, this, [this](int pending) {
        const auto id = pending == 0 ? loadedId() : std::nullopt;
        if (!id) return;
        m_ledger.show(*id, [&](Model &model) {
            const auto before = model.memory;
            fillMemory(model);
            return model.memory != before;
        });
    });
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
            if (!model.linked()) m_facts.insert(model.id, kept);
            deferred.finish(Facts(std::move(kept)));
        });
    return deferred.future();
}

MemoryCheck Lifecycle::checkOn(const DeviceMemory &memory, const engine::MemoryNeeds &needs) const {
    MemoryCheck check;
    check.needs = needs;
    check.device = memory.device;
    check.deviceName = memory.name;
    check.gpu = memory.gpu;
    check.freeBytes = memory.freeBytes;
    check.totalBytes = memory.totalBytes;
    check.longestContext = estimator::longestContext(needs, memory);
    if (memory.open) check.openBytes = check.needAt(1).deviceBytes;
    // The present model goes before the next one comes.
    if (const auto loaded = m_inference.loaded(); loaded && loaded->device == memory.device)
        check.givenBackBytes = m_inference.memoryUse().ownBytes();
    check.usualContext = estimator::fittingContext(needs, memory, check.availableBytes());
    return check;
}

QFuture<Result<QList<MemoryCheck>>> Lifecycle::checkMemory(qint64 id) {
    using Answer = Result<QList<MemoryCheck>>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (model->state == ModelState::Queued || model->state == ModelState::Downloading ||
        model->state == ModelState::DownloadFailed)
        return resolved(Answer(errors::busy(id, QStringLiteral("The model's files are not there yet."))));
    Deferred<Answer> deferred;
    facts(*model).then(this, [this, deferred, id, scheme = model->quantization](const Result<Facts> &facts) {
        if (!facts) {
            deferred.finish(facts.error());
            return;
        }
        m_inference.devices().then(this, [this, deferred, id, scheme, facts = *facts](const QList<DeviceMemory> &devices) {
            using Needs = QList<engine::MemoryNeeds>;
            m_worker
                .run([facts, scheme, devices]() -> Result<Needs> {
                    Needs all;
                    for (const DeviceMemory &memory : devices) all << estimator::needs(*facts, scheme, memory);
                    return all;
                })
                .then(this, [this, deferred, id, devices](const Result<Needs> &needs) {
                    if (!needs) {
                        deferred.finish(needs.error());
                        return;
                    }
                    const auto model = m_ledger.catalog().find(id);
                    QList<MemoryCheck> checks;
                    for (qsizetype i = 0; i < devices.size(); ++i) {
                        MemoryCheck check = checkOn(devices[i], needs->at(i));
                        const qint64 wished = model ? model->contextLength : 0;
                        check.need = check.needAt(wished > 0 ? std::min(wished, check.longestContext) : check.usualContext);
                        check.fits = check.need.totalBytes() <= check.availableBytes();
                        checks << check;
                    }
                    deferred.finish(checks);
                });
        });
    });
    return deferred.future();
}

namespace {

/// Why a context length, or a device, cannot be had.
std::optional<Error> refusalOf(const LoadRequest &request, const QList<MemoryCheck> &checks, const MemoryCheck *check) {
    if (check == nullptr) {
        QStringList known;
        for (const MemoryCheck &one : checks) known << one.device;
        return errors::invalidRequest(QStringLiteral("device"),
                                      QStringLiteral("'device' must be one of %1, not '%2'.")
                                          .arg(known.join(QStringLiteral(", ")), request.device.value_or(QString())));
    }
    const qint64 tokens = request.contextLength.value_or(0);
    if (tokens >= 0 && tokens <= check->longestContext) return {};
    const QString field = QStringLiteral("context_length");
    const qint64 own = check->needs.longest();
    if (check->longestContext < own && tokens <= own)
        return errors::invalidRequest(field, QStringLiteral("'context_length' must be 1 to %1: what requests may remember "
                                                            "(--kv-cache) holds no more; it is %2.")
                                                 .arg(check->longestContext)
                                                 .arg(tokens));
    return errors::invalidRequest(
        field, QStringLiteral("'context_length' must be 1 to %1, which is the model's limit; it is %2.").arg(own).arg(tokens));
}

const MemoryCheck *checkFor(const QList<MemoryCheck> &checks, const QString &device) {
    const auto found =
        std::ranges::find_if(checks, [&](const MemoryCheck &check) { return device.isEmpty() || check.device == device; });
    return found == checks.end() ? nullptr : &*found;
}

/// Where a load goes: as asked, or where the last one went, unless that device is there no more; empty: the settings'.
QString deviceOf(const LoadRequest &request, const Model &model, const QList<MemoryCheck> &checks) {
    if (request.device) return *request.device;
    return checkFor(checks, model.wishedDevice) ? model.wishedDevice : QString();
}

}  // namespace

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

QFuture<Result<Model>> Lifecycle::load(qint64 id, const LoadRequest &request) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (auto refused = refusal(*model)) return resolved(Answer(*refused));
    m_current = id;
    Deferred<Answer> answer;
    if (request.force && request.contextLength.value_or(0) == 0 && request.device.value_or(model->wishedDevice).isEmpty()) {
        begin(id, request, {}, answer);
        return answer.future();
    }
    checkMemory(id).then(this, [this, id, request, answer, model = *model](const Result<QList<MemoryCheck>> &checks) {
        const QString device = checks ? deviceOf(request, model, *checks) : request.device.value_or(QString());
        std::optional<Error> error;
        if (m_stopped) error = errors::shuttingDown();
        // What is wrong with the files is for the load itself to find and to tell: it has begun then.
        if (checks && !error) {
            const MemoryCheck *check = checkFor(*checks, device);
            error = refusalOf(request, *checks, check);
            const auto needed = [&] {
                if (!request.contextLength) return check->need.totalBytes();
                return check->needAt(*request.contextLength > 0 ? *request.contextLength : check->usualContext).totalBytes();
            };
            if (!error && !request.force && needed() > check->availableBytes())
                error = errors::insufficientMemory(id, needed(), check->availableBytes(), check->gpu);
        }
        if (error) {
            m_current.reset();
            answer.finish(*error);
            return;
        }
        begin(id, request, device, answer);
    });
    return answer.future();
}

QFuture<Result<Model>> Lifecycle::setContextLength(qint64 id, qint64 tokens) {
    using Answer = Result<Model>;
    Deferred<Answer> answer;
    checkMemory(id).then(this, [this, id, tokens, answer](const Result<QList<MemoryCheck>> &checks) {
        const auto now = m_ledger.catalog().find(id);
        const MemoryCheck *check = checks && now ? checkFor(*checks, deviceOf({}, *now, *checks)) : nullptr;
        std::optional<Error> error;
        if (!checks)
            error = checks.error();
        else if (check != nullptr)
            error = refusalOf({.contextLength = tokens}, *checks, check);
        const auto keep = [&](Model &model) {
            model.contextLength = tokens;
            // Of a loaded model the estimate is that of its load.
            if (model.state != ModelState::Loaded && model.state != ModelState::Unloading)
                model.setEstimate(check->needAt(tokens > 0 ? tokens : check->usualContext));
        };
        if (!error && !m_ledger.revise(id, keep)) error = errors::modelNotFound(id);
        answer.finish(error ? Answer(*error) : Answer(*m_ledger.catalog().find(id)));
    });
    return answer.future();
}

void Lifecycle::begin(qint64 id, const LoadRequest &request, const QString &device, const Deferred<Result<Model>> &answer) {
    const auto previous = loadedId();
    m_ledger.apply(id, ModelEvent::LoadRequested, {}, [&](Model &model) {
        model.contextLength = request.contextLength.value_or(model.contextLength);
        model.wishedDevice = request.device.value_or(model.wishedDevice);
    });
    answer.finish(*m_ledger.catalog().find(id));
    if (!previous) {
        prepare(id, device);
        return;
    }
    LoadProgress progress;
    progress.modelId = id;
    progress.stage = LoadStage::UnloadingPrevious;
    progress.pendingRequests = m_inference.pendingRequests();
    Q_EMIT progressed(progress);
    unloadWithin(*previous, graceSeconds).then(this, [this, id, device](const Result<Model> &) { prepare(id, device); });
}

// With the previous model gone: what is free now says how much is reserved where nobody asked for a number.
void Lifecycle::prepare(qint64 id, const QString &device) {
    checkMemory(id).then(this, [this, id, device](const Result<QList<MemoryCheck>> &checks) {
        const MemoryCheck *check = checks ? checkFor(*checks, device) : nullptr;
        if (check != nullptr)
            m_ledger.show(id, [&](Model &model) {
                if (model.estimate == check->need) return false;
                model.setEstimate(check->need);
                return true;
            });
        startLoading(id, device, check != nullptr ? check->need.contextLength : 0);
    });
}

void Lifecycle::startLoading(qint64 id, const QString &device, qint64 contextLength) {
    const auto model = m_ledger.catalog().find(id);
    if (!model || m_stopped) {
        loadEnded(id, cancelled());
        return;
    }
    qCInfo(modelsLog, "Loading model %lld (%s)", static_cast<long long>(id), qPrintable(model->name));
    LoadChoice choice{.contextLength = contextLength, .device = device};
    if (!KeptWeights::concerns(*model)) return read(*model, choice);
    m_kept.provide(*model).then(this, [this, model = *model, choice](const Result<KeptWeights::Place> &place) mutable {
        if (!place || m_stopped) return loadEnded(model.id, place ? cancelled() : place.error());
        m_ledger.show(model.id, [&](Model &shown) { return std::exchange(shown.keptBytes, place->bytes) != place->bytes; });
        if (place->folder.isEmpty())
            choice.quantize = model.quantization;
        else
            model.cachePath = place->folder;
        read(model, choice);
    });
}

void Lifecycle::read(const Model &model, const LoadChoice &choice) {
    m_inference.load(model, choice).then(this, [this, id = model.id](const Result<LoadedModel> &result) {
        loadEnded(id, result);
    });
}

void Lifecycle::fillMemory(Model &model) const {
    if (model.state == ModelState::Loaded || model.state == ModelState::Unloading) model.memory = m_inference.memoryUse();
}

void Lifecycle::loadEnded(qint64 id, const Result<LoadedModel> &result) {
    m_current.reset();
    std::optional<Error> error;
    if (result) {
        m_ledger.apply(id, ModelEvent::LoadFinished, {}, [&](Model &model) {
            model.device = result->device;
            model.memory = result->memory;
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
    m_kept.cancel();
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
