#include "core/inference/inference_service.h"

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/settings.h"
#include "core/inference/engine_worker.h"
#include "core/inference/load_report.h"
#include "core/inference/open_requests.h"
#include "core/inference/request_reader.h"
#include "core/system/machine.h"

#include <QFile>
#include <QTimer>

#include <algorithm>
#include <optional>

namespace millm {

class InferenceService::Private {
public:
    Private(InferenceService *service, const Settings &settings, const MemoryProbe &probe);

    /// Why nobody is let in, as things stand. `reserved`: places are held.
    std::optional<Error> refusal(bool reserved) const;
    template <class Request>
    Generation *take(Request request, std::optional<Error> refused, QueuePlaces places, QObject *parent);
    void tellLater(const GenerationEvent &event);
    void releaseModel();
    void unloaded();

    InferenceService *q;
    QString dtype, products;
    qint64 kvCacheBytes;
    const MemoryProbe probe;
    std::shared_ptr<engine::LanguageModel> model;  ///< for its tokenizer, in the reader's threads
    std::optional<LoadedModel> loaded;
    bool loading = false, unloading = false;
    std::shared_ptr<std::atomic<bool>> loadCancelled;
    QList<Deferred<void>> unloadWaiters;
    QTimer grace;  ///< that requests under way have while the model unloads
    // Last, so first to go: their threads use what is above, and the reader's post to the engine.
    EngineWorker engine;
    OpenRequests requests;
    RequestReader reader;
};

InferenceService::Private::Private(InferenceService *service, const Settings &settings, const MemoryProbe &memoryProbe)
    : q(service),
      dtype(settings.dtype),
      products(settings.products),
      kvCacheBytes(qint64(settings.kvCacheMb) << 20),
      probe(memoryProbe),
      engine(settings, memoryProbe,
             [service](QList<GenerationEvent> events) {
                 QMetaObject::invokeMethod(
                     service, [service, events = std::move(events)] { service->d->requests.deliver(events); },
                     Qt::QueuedConnection);
             }),
      requests(
          engine.queue(),
          [this] {
              Q_EMIT q->pendingChanged(requests.count());
              if (unloading && model) Q_EMIT q->unloadProgressed(loaded->modelId, requests.count());
          },
          [this] {
              if (unloading && model) releaseModel();
          }),
      reader(engine.queue(), [this](const GenerationEvent &event) { tellLater(event); }) {
    grace.setSingleShot(true);
    // What is still at work is stopped within a token; the last one's end goes on with the unloading.
    QObject::connect(&grace, &QTimer::timeout, q, [this] { requests.cancelAll(); });
}

InferenceService::InferenceService(const Settings &settings, QObject *parent, MemoryProbe probe)
    : QObject(parent), d(std::make_unique<Private>(this, settings, probe)) {}

InferenceService::~InferenceService() {
    if (d->loadCancelled) *d->loadCancelled = true;
    d->requests.failAll(errors::shuttingDown());
}

void InferenceService::reconfigure(const Settings &settings) {
    d->dtype = settings.dtype;
    d->products = settings.products;
    d->kvCacheBytes = qint64(settings.kvCacheMb) << 20;
    d->engine.queue()->post([bytes = qint64(settings.kvCacheMb) << 20, threads = settings.threads](EngineWorker &worker) {
        worker.setKvCache(bytes);
        worker.host().setThreads(threads);
    });
}

std::optional<LoadedModel> InferenceService::loaded() const {
    return d->loaded;
}
int InferenceService::pendingRequests() const {
    return d->requests.count();
}
engine::StateUse InferenceService::stateUse() const {
    return d->engine.stateUse();
}
MemoryUse InferenceService::memoryUse() const {
    return d->loaded ? MemoryUse::of(d->engine.memory(), d->loaded->contextLength) : MemoryUse();
}
QDateTime InferenceService::idleSince() const {
    return d->loaded && d->requests.isEmpty() ? std::max(d->requests.lastEnd(), d->loaded->loadedAt) : QDateTime();
}
const InferenceTimes &InferenceService::times() const {
    return d->requests.times();
}
bool InferenceService::accepting() const {
    return !d->unloading;
}

QFuture<Result<LoadedModel>> InferenceService::load(const Model &model, const LoadChoice &choice) {
    const qint64 id = model.id;
    if (d->loading || d->unloading || d->loaded)
        return resolved(
            Result<LoadedModel>(errors::busy(id, QStringLiteral("Another model is loaded, loading or unloading."))));
    const auto compute = computeTypeFrom(d->dtype);
    if (!compute) return resolved(Result<LoadedModel>(errors::loadFailed(id, compute.error().message)));
    const auto products = productsFrom(d->products);
    if (!products) return resolved(Result<LoadedModel>(errors::loadFailed(id, products.error().message)));

    engine::LoadOptions options;
    options.folder = QFile::encodeName(model.cachePath).toStdString();
    options.quantize = choice.quantize;
    options.context_length = choice.contextLength;
    options.compute = *compute;
    options.products = *products;
    options.trust_remote_code = model.trustRemoteCode;
    d->loading = true;
    d->loadCancelled = std::make_shared<std::atomic<bool>>(false);
    Deferred<Result<LoadedModel>> deferred;

    auto observer = [this, cancelled = d->loadCancelled,
                     report = std::make_shared<LoadReport>(id)](const engine::LoadProgress &progress) {
        if (*cancelled) return false;
        if (const auto told = report->of(progress))
            QMetaObject::invokeMethod(this, [this, told] { Q_EMIT loadProgressed(*told); }, Qt::QueuedConnection);
        return true;
    };
    auto finish = [this, deferred, id, name = model.name,
                   repoId = model.repoId](Result<std::shared_ptr<engine::LanguageModel>> result) {
        d->loading = false;
        d->loadCancelled.reset();
        if (!result) {
            deferred.finish(loadError(id, result.error()));
            return;
        }
        d->model = *std::move(result);
        const auto &info = d->model->info();
        LoadedModel loaded;
        loaded.modelId = id;
        loaded.name = name;
        loaded.repoId = repoId;
        loaded.architecture = QString::fromStdString(info.architecture);
        loaded.device = QString::fromStdString(info.device);
        loaded.computeType = QString::fromStdString(info.compute_type);
        loaded.contextLength = info.context_length;
        loaded.vocab = info.vocab;
        loaded.weightBytes = qint64(info.weight_bytes);
        loaded.memory = MemoryUse::of(d->engine.memory(), info.context_length);
        loaded.kvCacheBytes = qint64(d->engine.stateUse().limit);
        loaded.generates = info.generates;
        loaded.embeddingSize = info.embedding_size;
        loaded.hasChatTemplate = d->model->chat_template() != nullptr;
        loaded.loadedAt = QDateTime::currentDateTimeUtc();
        d->loaded = loaded;
        Q_EMIT loadedChanged();
        deferred.finish(loaded);
    };
    d->engine.queue()->post([this, options = std::move(options), device = choice.device, observer = std::move(observer),
                             finish = std::move(finish)](EngineWorker &worker) {
        auto result = worker.load(options, device, observer);
        QMetaObject::invokeMethod(this, [finish, result = std::move(result)] { finish(result); }, Qt::QueuedConnection);
    });
    return deferred.future();
}

void InferenceService::cancelLoad() {
    if (d->loadCancelled) *d->loadCancelled = true;
}

QFuture<void> InferenceService::unload(int graceSeconds) {
    if (!d->loaded) return resolved();
    Deferred<void> deferred;
    d->unloadWaiters << deferred;
    // A second call only joins, but a shorter wait wins.
    const int milliseconds = std::max(0, graceSeconds) * 1000;
    if (!d->unloading || !d->grace.isActive() || d->grace.remainingTime() > milliseconds) d->grace.start(milliseconds);
    if (d->unloading) return deferred.future();
    d->unloading = true;
    if (d->requests.isEmpty())
        d->releaseModel();
    else
        Q_EMIT unloadProgressed(d->loaded->modelId, pendingRequests());
    return deferred.future();
}

void InferenceService::Private::releaseModel() {
    grace.stop();
    // Behind the last uses of the tokenizer, so that the engine's thread holds the only copy.
    model.reset();
    reader.whenThrough([this] {
        engine.queue()->post([this](EngineWorker &worker) {
            ran("the unloading of a model", [&] { worker.unload(); });
            QMetaObject::invokeMethod(q, [this] { unloaded(); }, Qt::QueuedConnection);
        });
    });
}

void InferenceService::Private::unloaded() {
    loaded.reset();
    unloading = false;
    Q_EMIT q->loadedChanged();
    const auto waiters = std::exchange(unloadWaiters, {});
    for (const auto &waiter : waiters) waiter.finish();
}

QFuture<DeviceMemory> InferenceService::deviceMemory() {
    return devices().then([](const QList<DeviceMemory> &all) { return all.first(); });
}

QFuture<QList<DeviceMemory>> InferenceService::devices() {
    DeviceMemory cpu;
    cpu.device = QStringLiteral("cpu");
    if (const auto dtype = computeTypeFrom(d->dtype)) cpu.compute = *dtype;
    if (const auto products = productsFrom(d->products)) cpu.products = *products;
    cpu.kvCacheBytes = d->kvCacheBytes;
    cpu.open = d->engine.isOpen();
    const auto ofMachine = [cpu, probe = d->probe] {
        DeviceMemory now = cpu;
        const auto memory = probe();
        now.name = machine::cpuName();
        now.freeBytes = memory.available;
        now.totalBytes = memory.total;
        return now;
    };
    if (d->engine.expectsCpu()) return d->reader.run([ofMachine] { return QList<DeviceMemory>{ofMachine()}; });
    Deferred<QList<DeviceMemory>> deferred;
    d->engine.queue()->post([deferred, ofMachine](EngineWorker &worker) {
        QList<DeviceMemory> all{ofMachine()};
        if (const auto usual = worker.host().device()) {
            for (const auto &info : (*worker.host().engine())->devices()) {
                if (info.id.kind == engine::DeviceKind::Cpu) continue;
                DeviceMemory memory = all.first();
                memory.device = nameOf(info.id);
                memory.name = QString::fromStdString(info.name);
                memory.gpu = true;
                memory.freeBytes = qint64(info.free_bytes);
                memory.totalBytes = qint64(info.total_bytes);
                memory.open = true;
                all << memory;
            }
            const auto first = std::ranges::find(all, nameOf(*usual), &DeviceMemory::device);
            if (first != all.end()) std::rotate(all.begin(), first, first + 1);
        }
        deferred.finish(all);
    });
    return deferred.future();
}

QFuture<QString> InferenceService::engineDescription() {
    Deferred<QString> deferred;
    d->engine.queue()->post([deferred](EngineWorker &worker) {
        auto engine = worker.host().engine();
        deferred.finish(engine ? QString::fromStdString((*engine)->description()) : engine.error().message);
    });
    return deferred.future();
}

std::optional<Error> InferenceService::Private::refusal(bool reserved) const {
    if (!loaded) return errors::notLoaded(0);
    if (unloading && !(reserved && grace.isActive()))
        return errors::busy(loaded->modelId, QStringLiteral("The model is being unloaded."));
    return std::nullopt;
}

Result<QueuePlaces> InferenceService::reserve(int count) {
    if (const auto refused = d->refusal(false)) return *refused;
    return d->requests.take(count);
}

template <class Request>
Generation *InferenceService::Private::take(Request request, std::optional<Error> refused, QueuePlaces places,
                                            QObject *parent) {
    if (!refused && !places) {
        auto place = requests.take(1);
        if (place)
            places = *std::move(place);
        else
            refused = place.error();
    }
    Generation *generation = requests.open(std::move(places), parent);
    if (refused)
        tellLater({generation->id(), *refused});
    else
        reader.read(generation->id(), model, std::move(request), requests.sharedOf(*generation));
    Q_EMIT q->pendingChanged(requests.count());
    return generation;
}

Generation *InferenceService::submit(GenerationRequest request, QObject *parent, QueuePlaces places) {
    auto refused = d->refusal(places != nullptr);
    if (!refused && !d->loaded->generates)
        refused = errors::invalidRequest(QStringLiteral("model"),
                                         QStringLiteral("%1 makes embeddings; it does not write text.").arg(d->loaded->name));
    return d->take(std::move(request), refused, std::move(places), parent);
}

Generation *InferenceService::embed(EmbeddingRequest request, QObject *parent) {
    auto refused = d->refusal(false);
    if (!refused && d->loaded->embeddingSize == 0)
        refused = errors::invalidRequest(
            QStringLiteral("model"),
            QStringLiteral("%1 makes no embeddings: how its vectors are pooled is not supported.").arg(d->loaded->name));
    return d->take(std::move(request), refused, {}, parent);
}

void InferenceService::Private::tellLater(const GenerationEvent &event) {
    QMetaObject::invokeMethod(q, [this, event] { requests.deliver({event}); }, Qt::QueuedConnection);
}

QFuture<Result<QList<qint32>>> InferenceService::tokenize(PromptInput input) {
    if (!d->model) return resolved(Result<QList<qint32>>(errors::notLoaded(0)));
    return d->reader.tokenize(d->model, std::move(input));
}

QFuture<Result<QString>> InferenceService::detokenize(QList<qint32> ids) {
    if (!d->model) return resolved(Result<QString>(errors::notLoaded(0)));
    return d->reader.detokenize(d->model, std::move(ids));
}

void InferenceService::giveUpTexts() {
    d->reader.close();
}

}  // namespace millm
