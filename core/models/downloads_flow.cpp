#include "core/models/downloads_flow.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/worker_thread.h"
#include "core/downloads/download_queue.h"
#include "core/hub/hub_cache.h"
#include "core/hub/repository_inspector.h"
#include "core/inference/inference_service.h"
#include "core/models/memory_estimator.h"
#include "core/models/model_files.h"
#include "core/models/model_names.h"
#include "core/models/preview.h"
#include "core/system/system_monitor.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>

namespace millm {

namespace {

/// Already there, unless its download failed: then it is started again.
std::optional<Error> duplicate(const std::optional<Model> &existing) {
    if (!existing || existing->state == ModelState::DownloadFailed) return {};
    return errors::modelAlreadyExists(existing->kept ? existing->localPath : existing->repoId,
                                      names::schemeId(existing->quantization), existing->id);
}

/// What a download is asked to become, sizes included. Ready where its folder is there already.
Model describedBy(const RepositoryPlan &plan, const DownloadRequest &request, const QString &folder,
                  const DeviceMemory &memory) {
    Model model;
    model.state = ModelState::Queued;
    model.repoId = plan.repoId;
    model.quantization = request.quantization;
    model.cachePath = folder;
    model.trustRemoteCode = request.trustRemoteCode;
    model.architecture = QString::fromStdString(plan.decoder->architecture);
    model.configJson = QString::fromUtf8(plan.config);
    model.params = estimator::parameters(plan);
    const auto sizes = estimator::estimates(plan, memory);
    const auto size = std::ranges::find(sizes, request.quantization, &SizeEstimate::scheme);
    model.diskSizeMb = errors::mebibytes(size == sizes.end() ? 0 : size->diskBytes);
    if (size != sizes.end()) model.setEstimate(size->memory);
    return model;
}

/// Takes what describes the files; identity and state stay.
void takeDescription(Model &model, const Model &described) {
    model.repoId = described.repoId;
    model.quantization = described.quantization;
    model.cachePath = described.cachePath;
    model.trustRemoteCode = described.trustRemoteCode;
    model.architecture = described.architecture;
    model.configJson = described.configJson;
    model.params = described.params;
    model.diskSizeMb = described.diskSizeMb;
    model.estimatedMemoryMb = described.estimatedMemoryMb;
    model.estimate = described.estimate;
}

}  // namespace

void fillFromFolder(Model &model, const FolderFacts &facts, const DeviceMemory &memory) {
    const auto size = estimator::estimate(facts, model.quantization, memory);
    model.params = facts.params;
    model.architecture = facts.architecture;
    model.configJson = facts.configJson;
    model.diskSizeMb = errors::mebibytes(facts.diskBytes);
    model.setEstimate(size.memory);
}

DownloadsFlow::DownloadsFlow(const QString &cacheDir, Ledger &ledger, RepositoryInspector &inspector, DownloadQueue &queue,
                             InferenceService &inference, WorkerThread &worker, QObject *parent)
    : QObject(parent),
      m_cacheDir(cacheDir),
      m_ledger(ledger),
      m_inspector(inspector),
      m_queue(queue),
      m_inference(inference),
      m_worker(worker) {
    connect(&queue, &DownloadQueue::waitingChanged, this, &DownloadsFlow::showPlaces);
    connect(&queue, &DownloadQueue::started, this, [this](qint64 id) { m_ledger.apply(id, ModelEvent::DownloadStarted); });
    connect(&queue, &DownloadQueue::progressed, this, [this](const DownloadProgress &progress) {
        m_progress.insert(progress.modelId, progress);
        m_ledger.change(progress.modelId, [&](Model &model) { model.downloadProgress = progress.progress; });
        Q_EMIT progressed(progress);
    });
    connect(&queue, &DownloadQueue::finished, this, &DownloadsFlow::jobFinished);
    connect(&queue, &DownloadQueue::failed, this, &DownloadsFlow::jobFailed);
    connect(&queue, &DownloadQueue::cancelled, this, &DownloadsFlow::jobCancelled);
}

std::optional<DownloadProgress> DownloadsFlow::progress(qint64 id) const {
    const auto found = m_progress.constFind(id);
    return found == m_progress.cend() ? std::nullopt : std::optional(*found);
}

QFuture<Result<ModelPreview>> DownloadsFlow::preview(const QString &repoId, const QString &token) {
    using Answer = Result<ModelPreview>;
    const auto id = RepositoryInspector::normalise(repoId);
    if (!id) return resolved(Answer(id.error()));
    Deferred<Answer> deferred;
    m_inspector.inspect(*id, token).then(this, [this, deferred](const Result<RepositoryPlan> &plan) {
        if (!plan) {
            deferred.finish(plan.error());
            return;
        }
        m_inference.deviceMemory().then(
            this, [this, deferred, plan = std::make_shared<const RepositoryPlan>(*plan)](const DeviceMemory &memory) {
                m_worker
                    .run([plan, memory, cache = m_queue.cache(), cacheDir = m_cacheDir]() -> Answer {
                        ModelPreview preview = preview::ofRepository(*plan, memory, cache);
                        preview.availableDiskBytes = SystemMonitor::diskFree(cacheDir);
                        return preview;
                    })
                    .then(this, [deferred](const Answer &preview) { deferred.finish(preview); });
            });
    });
    return deferred.future();
}

std::optional<Model> DownloadsFlow::existing(const Wish &wish) const {
    const engine::Scheme scheme = wish.request.quantization;
    return wish.localPath.isEmpty() ? m_ledger.catalog().findRepository(wish.plan.repoId, scheme)
                                    : m_ledger.catalog().findKept(wish.localPath, scheme);
}

QFuture<Result<Model>> DownloadsFlow::download(const DownloadRequest &request) {
    using Answer = Result<Model>;
    const auto id = RepositoryInspector::normalise(request.repoId);
    if (!id) return resolved(Answer(id.error()));
    if (!request.customName.isEmpty())
        if (auto valid = names::validate(request.customName); !valid) return resolved(Answer(valid.error()));
    if (auto error = duplicate(m_ledger.catalog().findRepository(*id, request.quantization))) return resolved(Answer(*error));

    auto wish = std::make_shared<Wish>();
    wish->request = request;
    wish->request.repoId = *id;
    m_inspector.inspect(*id, request.token).then(this, [this, wish](const Result<RepositoryPlan> &plan) {
        if (!plan) {
            wish->answer.finish(plan.error());
            return;
        }
        wish->plan = *plan;
        // The Hub may know the repository under another name by now.
        if (auto error = duplicate(existing(*wish))) {
            wish->answer.finish(*error);
            return;
        }
        m_inspector.checkAccess(*plan, wish->request.token).then(this, [this, wish](const Result<void> &access) {
            if (access)
                inspected(wish);
            else
                wish->answer.finish(access.error());
        });
    });
    return wish->answer.future();
}

QFuture<Result<Model>> DownloadsFlow::quantize(qint64 id, engine::Scheme scheme) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    const bool asTheyAre = model->linked() || (!model->kept && model->quantization == engine::Scheme::Plain);
    if (!asTheyAre || scheme == engine::Scheme::Plain)
        return resolved(
            Answer(errors::invalidRequest(QStringLiteral("quantization"),
                                          QStringLiteral("Q4 and Q8 can be made of a model whose files are not quantized."))));
    if (!allows(model->state, ModelEvent::LoadRequested) && model->state != ModelState::Loaded)
        return resolved(Answer(errors::busy(id, QStringLiteral("The model's files are not there yet."))));
    return make(*model, scheme);
}

QFuture<Result<Model>> DownloadsFlow::make(const Model &of, engine::Scheme scheme) {
    using Answer = Result<Model>;
    auto wish = std::make_shared<Wish>();
    wish->request = {
        .repoId = of.repoId, .quantization = scheme, .trustRemoteCode = of.trustRemoteCode, .token = {}, .customName = {}};
    wish->localPath = of.localPath;
    wish->source = of.localPath.isEmpty() ? of.cachePath : of.localPath;
    wish->plan.repoId = of.repoId;
    if (auto error = duplicate(existing(*wish))) return resolved(Answer(*error));
    m_worker.run([source = wish->source] { return preview::planOfFolder(source); })
        .then(this, [this, wish](const Result<RepositoryPlan> &plan) {
            if (!plan) {
                wish->answer.finish(plan.error());
                return;
            }
            wish->plan = *plan;
            if (wish->localPath.isEmpty()) wish->plan.repoId = wish->request.repoId;
            inspected(wish);
        });
    return wish->answer.future();
}

void DownloadsFlow::inspected(const WishPtr &wish) {
    if (auto refused = refusal(wish->plan, wish->request.trustRemoteCode)) {
        wish->answer.finish(*refused);
        return;
    }
    if (wish->localPath.isEmpty())
        wish->folder = files::downloadFolder(m_cacheDir, wish->plan.repoId, wish->request.quantization);
    checkDisk(wish);
}

void DownloadsFlow::checkDisk(const WishPtr &wish) {
    struct Seen {
        QString folder;
        qint64 free, needed;
        bool folderIsThere;
    };
    m_worker
        .run([job = jobOf(*wish), hubCache = m_queue.cache(), cacheDir = m_cacheDir, base = baseName(*wish)]() mutable {
            if (job.folder.isEmpty())
                job.folder =
                    files::freeKeptFolder(cacheDir, QStringLiteral("%1-%2").arg(base, names::schemeId(job.quantization)));
            const bool there = files::looksLikeModel(job.folder);
            return Seen{job.folder, SystemMonitor::diskFree(cacheDir),
                        there ? 0 : DownloadQueue::requiredDiskBytes(job, hubCache), there};
        })
        .then(this, [this, wish](const Seen &seen) {
            wish->folder = seen.folder;
            if (seen.needed > seen.free) {
                wish->answer.finish(errors::insufficientDisk(seen.needed, seen.free));
                return;
            }
            m_inference.deviceMemory().then(this, [this, wish, there = seen.folderIsThere](const DeviceMemory &memory) {
                if (there)
                    adoptFolder(wish, memory);
                else
                    describe(wish, memory);
            });
        });
}

// A finished download that the database does not know (it was another database's): its files are used as they are.
void DownloadsFlow::adoptFolder(const WishPtr &wish, const DeviceMemory &memory) {
    using Adopted = Outcome<Model, FolderFault>;
    m_worker
        .run([wish, memory]() -> Adopted {
            const auto facts = estimator::readFolder(wish->folder, wish->request.trustRemoteCode);
            const QString cache = files::cacheOf(wish->folder, wish->plan.repoId, wish->request.quantization);
            if (!facts && !facts.error().ofMachine) (void)files::removeDownload(cache, wish->folder);
            if (!facts) return facts.error();
            Model model = describedBy(wish->plan, wish->request, wish->folder, memory);
            fillFromFolder(model, *facts, memory);
            model.state = ModelState::Ready;
            return model;
        })
        .then(this, [this, wish, memory](const Adopted &model) {
            if (model) {
                record(wish, *model);
            } else if (model.error().ofMachine) {
                wish->answer.finish(model.error());
            } else {
                qCWarning(modelsLog, "The folder '%s' held no usable model and was removed", qPrintable(wish->folder));
                describe(wish, memory);
            }
        });
}

QString DownloadsFlow::baseName(const Wish &wish) {
    return wish.localPath.isEmpty() ? wish.plan.repoId.section(QLatin1Char('/'), -1)
                                    : names::fromFolder(QFileInfo(wish.localPath).fileName());
}

void DownloadsFlow::describe(const WishPtr &wish, const DeviceMemory &memory) {
    m_worker
        .run([wish, memory]() -> Result<Model> {
            Model model = describedBy(wish->plan, wish->request, wish->folder, memory);
            if (wish->localPath.isEmpty()) return model;
            model.source = ModelSource::Local;
            model.kept = true;
            model.localPath = wish->localPath;
            model.repoId.clear();
            return model;
        })
        .then(this, [this, wish](const Result<Model> &model) {
            if (model)
                record(wish, *model);
            else
                wish->answer.finish(model.error());
        });
}

void DownloadsFlow::record(const WishPtr &wish, const Model &described) {
    const auto &request = wish->request;
    if (m_stopped) {
        wish->answer.finish(errors::shuttingDown());
        return;
    }
    const auto known = existing(*wish);
    if (auto error = duplicate(known)) {
        wish->answer.finish(*error);
        return;
    }
    // A failed one is started again as the same record.
    if (known) {
        const auto take = [&](Model &model) { takeDescription(model, described); };
        m_ledger.apply(known->id, ModelEvent::DownloadRetried, {}, take);
        if (described.state == ModelState::Ready) {
            m_ledger.apply(known->id, ModelEvent::DownloadStarted);
            m_ledger.apply(known->id, ModelEvent::DownloadFinished, {}, take);
            adopted(wish, *m_ledger.catalog().find(known->id));
        } else {
            enqueue(wish, known->id);
        }
        return;
    }
    const bool exact = !request.customName.isEmpty();
    const auto name = m_ledger.reserveName(exact ? request.customName : baseName(*wish), request.quantization, exact);
    if (!name) {
        wish->answer.finish(name.error());
        return;
    }
    Model model = described;
    model.name = *name;
    m_ledger.create(model).then(this, [this, wish](const Result<Model> &created) {
        if (!created)
            wish->answer.finish(created);
        else if (created->state == ModelState::Ready)
            adopted(wish, *created);
        else
            enqueue(wish, created->id);
    });
}

/// Its files were there: it is as if the download had ended at once.
void DownloadsFlow::adopted(const WishPtr &wish, const Model &model) {
    wish->answer.finish(model);
    Q_EMIT completed(model);
}

void DownloadsFlow::enqueue(const WishPtr &wish, qint64 id) {
    m_progress.remove(id);
    m_tokens.insert(id, wish->request.token);
    wish->answer.finish(*m_ledger.catalog().find(id));
    if (m_stopped) {
        jobFailed(id, Error{ErrorCode::ModelDownloadFailed, interrupted(*m_ledger.catalog().find(id)), {}});
        return;
    }
    DownloadJob job = jobOf(*wish);
    job.modelId = id;
    m_queue.enqueue(job);
}

DownloadJob DownloadsFlow::jobOf(const Wish &wish) const {
    DownloadJob job;
    job.plan = wish.plan;
    job.quantization = wish.request.quantization;
    job.token = wish.request.token;
    job.folder = wish.folder;
    job.source = wish.source;
    if (wish.source.isEmpty()) job.plain = files::downloadFolder(m_cacheDir, wish.plan.repoId, engine::Scheme::Plain);
    return job;
}

/// Who waits for the how manyth turn.
void DownloadsFlow::showPlaces() {
    int place = 0;
    for (const qint64 id : m_queue.waiting())
        m_ledger.show(id, [place = ++place](Model &model) { return std::exchange(model.queuePlace, place) != place; });
}

Result<void> DownloadsFlow::moveInQueue(qint64 id, int by) {
    if (!m_ledger.catalog().find(id)) return errors::modelNotFound(id);
    if (!m_queue.move(id, by)) return errors::busy(id, QStringLiteral("The model does not wait for its download."));
    return {};
}

QFuture<Result<Model>> DownloadsFlow::retry(qint64 id) {
    using Answer = Result<Model>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (!allows(model->state, ModelEvent::DownloadRetried))
        return resolved(Answer(errors::busy(id, QStringLiteral("Only a failed download can be started again."))));
    if (model->kept) return make(*model, model->quantization);
    DownloadRequest request;
    request.repoId = model->repoId;
    request.quantization = model->quantization;
    request.trustRemoteCode = model->trustRemoteCode;
    request.token = m_tokens.value(id);
    return download(request);
}

QFuture<Result<void>> DownloadsFlow::cancel(qint64 id) {
    using Answer = Result<void>;
    const auto model = m_ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (!allows(model->state, ModelEvent::DownloadCancelled)) return resolved(Answer(errors::notDownloading(id)));
    Deferred<Answer> deferred;
    const bool asked = m_cancelling.contains(id);
    m_cancelling.insert(id, deferred);
    if (!asked && !m_queue.cancel(id)) {
        // Its end is on the way already.
        m_cancelling.remove(id);
        return resolved(Answer(errors::notDownloading(id)));
    }
    return deferred.future();
}

QFuture<void> DownloadsFlow::stop() {
    m_stopped = true;
    Deferred<void> deferred;
    m_stopping << deferred;
    const auto models = m_ledger.catalog().all();
    for (const auto &model : models)
        if (allows(model.state, ModelEvent::DownloadCancelled)) m_queue.cancel(model.id);
    tellStopped();
    return deferred.future();
}

void DownloadsFlow::tellStopped() {
    const auto models = m_ledger.catalog().all();
    const bool busy =
        std::ranges::any_of(models, [](const Model &model) { return allows(model.state, ModelEvent::DownloadCancelled); });
    if (busy) return;
    const auto waiting = std::exchange(m_stopping, {});
    for (const auto &deferred : waiting) deferred.finish();
}

void DownloadsFlow::jobFinished(qint64 id, const DownloadOutcome &outcome) {
    const auto model = m_ledger.catalog().find(id);
    if (!model) return;
    m_inference.deviceMemory().then(this, [this, id, outcome, model = *model](const DeviceMemory &memory) {
        using Finished = Outcome<Model, FolderFault>;
        m_worker
            .run([outcome, model, memory]() -> Finished {
                const auto facts = estimator::readFolder(outcome.folder, model.trustRemoteCode);
                if (!facts) return facts.error();
                Model described = model;
                described.cachePath = outcome.folder;
                fillFromFolder(described, *facts, memory);
                // The repository's own, which tells what this was made from.
                if (!model.configJson.isEmpty()) described.configJson = model.configJson;
                described.diskSizeMb = errors::mebibytes(outcome.diskBytes);
                return described;
            })
            .then(this, [this, id, outcome, model](const Finished &described) {
                if (!described) {
                    if (!described.error().ofMachine) {
                        m_worker.run([folder = outcome.folder, unusable = model]() mutable {
                            unusable.cachePath = folder;
                            (void)files::removeDownload(files::cacheOf(unusable), folder);
                        });
                    }
                    jobFailed(id, described.error());
                    return;
                }
                m_ledger.apply(id, ModelEvent::DownloadFinished, {},
                               [&](Model &record) { takeDescription(record, *described); });
                settle(id, errors::notDownloading(id));
                if (const auto done = m_ledger.catalog().find(id)) {
                    qCInfo(modelsLog, "Model %lld (%s) is %s: %lld MiB", static_cast<long long>(id), qPrintable(done->name),
                           done->kept ? "quantized" : "downloaded", static_cast<long long>(done->diskSizeMb));
                    Q_EMIT completed(*done);
                }
            });
    });
}

void DownloadsFlow::jobFailed(qint64 id, const Error &error) {
    if (!m_ledger.apply(id, ModelEvent::DownloadFailed, error.message)) return;
    qCWarning(modelsLog, "The files of model %lld failed: %s", static_cast<long long>(id), qPrintable(error.message));
    settle(id, errors::notDownloading(id));
    Q_EMIT failed(id, error);
}

void DownloadsFlow::jobCancelled(qint64 id) {
    const auto model = m_ledger.catalog().find(id);
    if (m_stopped && !m_cancelling.contains(id) && model)
        m_ledger.apply(id, ModelEvent::DownloadFailed, interrupted(*model));
    else
        m_ledger.apply(id, ModelEvent::DownloadCancelled);
    m_tokens.remove(id);
    settle(id, {});
}

/// The job is over, however: who waited for its cancel learns it.
void DownloadsFlow::settle(qint64 id, const Result<void> &forWaiters) {
    m_progress.remove(id);
    const auto waiting = m_cancelling.values(id);
    m_cancelling.remove(id);
    for (const auto &deferred : waiting) deferred.finish(forWaiters);
    tellStopped();
}

QString interrupted(const Model &model) {
    return model.kept ? QStringLiteral("Quantizing interrupted") : QStringLiteral("Download interrupted");
}

}  // namespace millm
