#include "core/models/model_service.h"

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/log_categories.h"
#include "core/base/settings.h"
#include "core/base/worker_thread.h"
#include "core/base/writable_folder.h"
#include "core/downloads/download_queue.h"
#include "core/inference/inference_service.h"
#include "core/models/downloads_flow.h"
#include "core/models/gathering.h"
#include "core/models/ledger.h"
#include "core/models/lifecycle.h"
#include "core/models/local_models.h"
#include "core/models/model_files.h"
#include "core/models/model_names.h"
#include "core/models/startup.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSet>
#include <QTimer>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace millm {

namespace {

// What does not come by then is cut by the process's end.
constexpr int shutDownMs = 3500, shutDownGraceSeconds = 2;

}  // namespace

class ModelService::Private {
public:
    Private(ModelService *service, const Settings &settings, Database &database, RepositoryInspector &inspector,
            DownloadQueue &queue, InferenceService &inferenceService)
        : cacheDir(settings.modelCacheDir),
          autoLoad(settings.autoLoadModel),
          inference(inferenceService),
          ledger(database),
          downloads(cacheDir, ledger, inspector, queue, inference, worker),
          lifecycle(ledger, inference, worker),
          local(cacheDir, ledger, inference, worker) {
        connect(&ledger, &Ledger::created, service, &ModelService::modelCreated);
        connect(&ledger, &Ledger::updated, service, &ModelService::modelUpdated);
        connect(&ledger, &Ledger::deleted, service, &ModelService::modelDeleted);
        connect(&downloads, &DownloadsFlow::progressed, service, &ModelService::downloadProgressed);
        connect(&downloads, &DownloadsFlow::completed, service, &ModelService::downloadCompleted);
        connect(&downloads, &DownloadsFlow::failed, service, &ModelService::downloadFailed);
        connect(&lifecycle, &Lifecycle::progressed, service, &ModelService::loadProgressed);
        connect(&lifecycle, &Lifecycle::completed, service, &ModelService::loadCompleted);
        connect(&lifecycle, &Lifecycle::failed, service, &ModelService::loadFailed);
        connect(&lifecycle, &Lifecycle::unloadProgressed, service, &ModelService::unloadProgressed);
        connect(&lifecycle, &Lifecycle::unloaded, service, &ModelService::unloadCompleted);
    }

    /// Why nothing about models may change now; nothing where it may.
    std::optional<Error> hindrance(qint64 id = 0) const {
        if (stopped) return errors::shuttingDown();
        if (moving) return errors::busy(id, QStringLiteral("The models are being moved to another folder."));
        return std::nullopt;
    }
    void haveRecords(ModelService *service, const QList<Model> &records, const Deferred<Result<void>> &answer);
    void brought(ModelService *service, const QList<gathering::Move> &moves, const Result<void> &done,
                 const Deferred<Result<int>> &answer);
    void adoptUnknown(const QList<Model> &unknown, const std::function<void()> &then);
    void startAutoLoad();

    QString cacheDir;
    const QString autoLoad;
    InferenceService &inference;
    bool stopped = false;
    QSet<qint64> removing;
    std::optional<std::stop_source> moving;
    Ledger ledger;
    WorkerThread worker{QStringLiteral("models"), WorkerThread::Work::Computing};
    DownloadsFlow downloads;
    Lifecycle lifecycle;
    LocalModels local;
    WorkerThread mover{QStringLiteral("moving"), WorkerThread::Work::Computing};
};

ModelService::ModelService(const Settings &settings, Database &database, RepositoryInspector &inspector,
                           DownloadQueue &downloads, InferenceService &inference, SystemMonitor &, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(this, settings, database, inspector, downloads, inference)) {}

ModelService::~ModelService() {
    stopGathering();
}

QFuture<Result<void>> ModelService::start() {
    Deferred<Result<void>> answer;
    d->worker
        .run([cacheDir = d->cacheDir]() -> Result<void> {
            if (!QDir().mkpath(cacheDir))
                return errors::internal(
                    QStringLiteral("The model cache '%1' cannot be made: %2.").arg(cacheDir, whyNotWritable(cacheDir)));
            DownloadQueue::removeLeftovers(cacheDir);
            return {};
        })
        .then(this, [this, answer](const Result<void> &ready) {
            if (!ready) {
                answer.finish(ready);
                return;
            }
            d->ledger.read().then(this, [this, answer](const Result<QList<Model>> &records) {
                if (records)
                    d->haveRecords(this, *records, answer);
                else
                    answer.finish(records.error());
            });
        });
    return answer.future();
}

QFuture<Result<void>> ModelService::setCacheDir(const QString &folder) {
    if (const auto hindrance = d->hindrance()) return resolved(Result<void>(*hindrance));
    return d->worker
        .run([folder]() -> Result<void> {
            const QString why = whyNotWritable(folder);
            if (why.isEmpty()) return {};
            return errors::internal(QStringLiteral("The model cache '%1' cannot be written: %2.").arg(folder, why));
        })
        .then(this, [this, folder](const Result<void> &ready) {
            if (!ready) return ready;
            d->cacheDir = folder;
            d->downloads.setCacheDir(folder);
            d->local.setCacheDir(folder);
            return ready;
        });
}

QFuture<Elsewhere> ModelService::elsewhere() {
    return d->worker.run([models = models(), cacheDir = d->cacheDir] {
        Elsewhere found;
        for (const auto &move : gathering::elsewhere(models, cacheDir)) {
            ++found.models;
            found.bytes += move.bytes;
        }
        return found;
    });
}

QFuture<Result<int>> ModelService::gather() {
    using Answer = Result<int>;
    if (const auto hindrance = d->hindrance()) return resolved(Answer(*hindrance));
    const QList<Model> models = this->models();
    for (const Model &model : models) {
        const bool rests = model.state == ModelState::Ready || model.state == ModelState::LoadFailed ||
                           model.state == ModelState::DownloadFailed;
        if (!rests || d->lifecycle.isWanted(model.id) || d->removing.contains(model.id))
            return resolved(Answer(
                errors::busy(model.id, QStringLiteral("Models are moved only while none is loaded, loading or downloading."))));
    }
    const std::stop_token stop = d->moving.emplace().get_token();
    QElapsedTimer clock;
    clock.start();
    const auto told = [this, clock, last = qint64(-1000)](qint64 done, qint64 total) mutable {
        if (done < total && clock.elapsed() - last < 100) return;
        last = clock.elapsed();
        QMetaObject::invokeMethod(this, [this, done, total] { Q_EMIT gathering(done, total); });
    };
    using Brought = std::pair<QList<gathering::Move>, Result<void>>;
    Deferred<Answer> answer;
    d->mover
        .run([models, cacheDir = d->cacheDir, stop, told]() -> Brought {
            const auto moves = gathering::elsewhere(models, cacheDir);
            return {moves, gathering::bring(moves, stop, told)};
        })
        .then(this, [this, answer](const Brought &brought) { d->brought(this, brought.first, brought.second, answer); });
    return answer.future();
}

void ModelService::stopGathering() {
    if (d->moving) d->moving->request_stop();
}

/// All files lie in both places: now the records name the new one, and what the database has written down frees the old one.
void ModelService::Private::brought(ModelService *service, const QList<gathering::Move> &moves, const Result<void> &done,
                                    const Deferred<Result<int>> &answer) {
    const auto end = [this, answer](const Result<int> &result) {
        moving.reset();
        answer.finish(result);
    };
    if (!done) return end(done.error());
    if (moves.isEmpty()) return end(0);
    const auto left = std::make_shared<qsizetype>(moves.size());
    const auto failure = std::make_shared<std::optional<Error>>();
    for (const gathering::Move &move : moves) {
        ledger.relocate(move.model.id, move.target)
            .then(service,
                  [this, service, move](const Result<void> &written) -> QFuture<Result<void>> {
                      if (!written) return resolved(written);
                      return mover.run([before = move.model] { return gathering::leave(before); });
                  })
            .unwrap()
            .then(service, [left, failure, end, count = int(moves.size())](const Result<void> &gone) {
                if (!gone) *failure = gone.error();
                if (--*left > 0) return;
                end(*failure ? Result<int>(**failure) : Result<int>(count));
            });
    }
}

void ModelService::Private::haveRecords(ModelService *service, const QList<Model> &records,
                                        const Deferred<Result<void>> &answer) {
    inference.deviceMemory().then(service, [this, service, records, answer](const DeviceMemory &memory) {
        using Seen = std::pair<QList<MendedModel>, QList<Model>>;
        worker
            .run([records, cacheDir = cacheDir, memory] {
                return Seen{mend(records, cacheDir, memory), unknownDownloads(records, cacheDir, memory)};
            })
            .then(service, [this, answer](const Seen &seen) {
                for (const auto &mended : seen.first) ledger.adopt(mended.model, mended.changed);
                adoptUnknown(seen.second, [this, answer] {
                    answer.finish({});
                    startAutoLoad();
                });
            });
    });
}

void ModelService::Private::adoptUnknown(const QList<Model> &unknown, const std::function<void()> &then) {
    if (unknown.isEmpty()) return then();
    const auto left = std::make_shared<qsizetype>(unknown.size());
    for (Model model : unknown) {
        model.name = *ledger.reserveName(model.repoId.section(QLatin1Char('/'), -1), model.quantization, false);
        qCInfo(modelsLog, "Found the files of '%s' in the model cache", qPrintable(model.repoId));
        ledger.create(model).then(&ledger, [left, then](const Result<Model> &created) {
            if (!created) qCWarning(modelsLog, "%s", qPrintable(created.error().message));
            if (--*left == 0) then();
        });
    }
}

void ModelService::Private::startAutoLoad() {
    if (autoLoad.isEmpty()) return;
    const auto model = ledger.catalog().findName(autoLoad);
    if (!model) {
        qCCritical(modelsLog, "AUTO_LOAD_MODEL: there is no model called '%s'", qPrintable(autoLoad));
        return;
    }
    lifecycle.load(model->id, {}).then(&lifecycle, [this, id = model->id](const Result<Model> &begun) {
        if (!begun) {
            qCCritical(modelsLog, "AUTO_LOAD_MODEL: %s", qPrintable(begun.error().message));
            return;
        }
        lifecycle.loadFinished(id).then(&lifecycle, [](const Result<Model> &ended) {
            if (!ended) qCCritical(modelsLog, "AUTO_LOAD_MODEL: %s", qPrintable(ended.error().message));
        });
    });
}

QFuture<void> ModelService::shutDown() {
    d->stopped = true;
    stopGathering();
    Deferred<void> answer;
    auto *deadline = new QTimer(this);
    deadline->setSingleShot(true);
    auto told = std::make_shared<bool>(false);
    const auto tell = [answer, told, deadline] {
        if (std::exchange(*told, true)) return;
        deadline->deleteLater();
        answer.finish();
    };
    connect(deadline, &QTimer::timeout, this, tell);
    deadline->start(shutDownMs);
    auto left = std::make_shared<int>(2);
    const auto one = [left, tell] {
        if (--*left == 0) tell();
    };
    d->inference.giveUpTexts();
    d->downloads.stop().then(this, one);
    d->lifecycle.stop(shutDownGraceSeconds).then(this, one);
    return answer.future();
}

QList<Model> ModelService::models() const {
    QList<Model> all = d->ledger.catalog().all();
    for (Model &model : all) d->lifecycle.fillMemory(model);
    return all;
}
std::optional<Model> ModelService::model(qint64 id) const {
    auto model = d->ledger.catalog().find(id);
    if (model) d->lifecycle.fillMemory(*model);
    return model;
}
std::optional<DownloadProgress> ModelService::downloadProgress(qint64 id) const {
    return d->downloads.progress(id);
}
std::optional<qint64> ModelService::loadedId() const {
    return d->lifecycle.loadedId();
}
qint64 ModelService::cacheBytes() const {
    return d->ledger.catalog().downloadedBytes();
}

QFuture<Result<ModelPreview>> ModelService::preview(const QString &repoId, const QString &token) {
    return d->downloads.preview(repoId, token);
}

QFuture<Result<Model>> ModelService::download(DownloadRequest request) {
    if (const auto hindrance = d->hindrance()) return resolved(Result<Model>(*hindrance));
    return d->downloads.download(request);
}

QFuture<Result<Model>> ModelService::addLocal(LocalRequest request) {
    if (const auto hindrance = d->hindrance()) return resolved(Result<Model>(*hindrance));
    return d->local.add(request);
}

QFuture<Result<Model>> ModelService::quantize(qint64 id, engine::Scheme scheme) {
    if (const auto hindrance = d->hindrance(id)) return resolved(Result<Model>(*hindrance));
    return d->downloads.quantize(id, scheme);
}

QFuture<Result<void>> ModelService::cancel(qint64 id) {
    return d->downloads.cancel(id);
}

Result<void> ModelService::moveInQueue(qint64 id, int by) {
    return d->downloads.moveInQueue(id, by);
}

QFuture<Result<Model>> ModelService::retry(qint64 id) {
    if (const auto hindrance = d->hindrance(id)) return resolved(Result<Model>(*hindrance));
    if (d->removing.contains(id))
        return resolved(Result<Model>(errors::busy(id, QStringLiteral("The model is being removed."))));
    return d->downloads.retry(id);
}

QFuture<Result<QList<MemoryCheck>>> ModelService::checkMemory(qint64 id) {
    return d->lifecycle.checkMemory(id);
}

QFuture<Result<Model>> ModelService::load(qint64 id, const LoadRequest &request) {
    if (d->moving) return resolved(Result<Model>(*d->hindrance(id)));
    if (d->removing.contains(id))
        return resolved(Result<Model>(errors::busy(id, QStringLiteral("The model is being removed."))));
    return d->lifecycle.load(id, request);
}

QFuture<Result<Model>> ModelService::setContextLength(qint64 id, qint64 tokens) {
    return d->lifecycle.setContextLength(id, tokens);
}

QFuture<Result<Model>> ModelService::loadFinished(qint64 id) {
    return d->lifecycle.loadFinished(id);
}
QFuture<Result<Model>> ModelService::unload(qint64 id) {
    return d->lifecycle.unload(id);
}

QFuture<Result<void>> ModelService::remove(qint64 id) {
    using Answer = Result<void>;
    const auto model = d->ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (d->moving) return resolved(Answer(*d->hindrance(id)));
    if (!allows(model->state, ModelEvent::Removed) || d->lifecycle.isWanted(id) || d->removing.contains(id))
        return resolved(Answer(errors::busy(
            id, QStringLiteral("The model is loaded, loading, downloading or being removed; unload or cancel it first."))));
    d->removing.insert(id);
    Deferred<Answer> deferred;
    d->worker
        .run([model = *model, cacheDir = d->cacheDir]() -> Answer {
            const QString own = files::cacheOf(model), cache = own.isEmpty() ? cacheDir : own;
            const QString made = model.linked() ? files::weightsOf(model) : model.cachePath;
            const Answer removed = made.isEmpty() ? Answer() : files::removeDownload(cache, made);
            if (!removed || !model.linked()) return removed;
            if (!files::removeLink(cache, model.cachePath))
                qCWarning(modelsLog, "The link '%s' could not be removed", qPrintable(model.cachePath));
            return {};
        })
        .then(this, [this, id, deferred](const Answer &removed) {
            d->removing.remove(id);
            d->lifecycle.forget(id);
            // A failed download may have been started again meanwhile: then the record stays.
            if (removed && !d->ledger.apply(id, ModelEvent::Removed))
                deferred.finish(errors::busy(id, QStringLiteral("The model is being downloaded again.")));
            else
                deferred.finish(removed);
        });
    return deferred.future();
}

QFuture<Result<Model>> ModelService::rename(qint64 id, const QString &name) {
    using Answer = Result<Model>;
    const QString field = QStringLiteral("name");
    const auto model = d->ledger.catalog().find(id);
    if (!model) return resolved(Answer(errors::modelNotFound(id)));
    if (d->moving) return resolved(Answer(*d->hindrance(id)));
    if (auto valid = names::validate(name, field); !valid) return resolved(Answer(valid.error()));
    if (name == model->name) return resolved(Answer(*model));
    const bool inUse = model->state == ModelState::Loaded || model->state == ModelState::Unloading || d->lifecycle.isWanted(id);
    if (inUse || d->removing.contains(id))
        return resolved(
            Answer(errors::busy(id, QStringLiteral("The model is loaded, loading or being removed; unload it first."))));
    if (d->ledger.isTaken(name))
        return resolved(
            Answer(errors::invalidRequest(field, QStringLiteral("Another model is called '%1' already.").arg(name))));
    const QString reserved = *d->ledger.reserveName(name, model->quantization, true);
    if (model->linked()) return d->local.rename(*model, reserved);
    d->ledger.rename(id, reserved, model->cachePath);
    return resolved(Answer(*d->ledger.catalog().find(id)));
}

}  // namespace millm
