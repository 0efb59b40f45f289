#include "core/inference/inference_service.h"

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/settings.h"
#include "core/base/worker_thread.h"
#include "core/inference/answer_grammar.h"
#include "core/inference/answer_parser.h"
#include "core/inference/engine_worker.h"
#include "core/inference/generation_shared.h"
#include "core/inference/prompt_encoder.h"
#include "core/system/machine.h"

#include <QElapsedTimer>
#include <QFile>
#include <QHash>
#include <QPointer>
#include <QScopeGuard>
#include <QTimer>

#include <algorithm>
#include <optional>

namespace millm {

namespace {

constexpr int longestQueue = 256;
constexpr int mostTokenizing = 32;  ///< texts that wait for somebody who asks for their ids

Error queueFull(int waiting) {
    return {ErrorCode::QueueFull,
            QStringLiteral("%1 requests are waiting already; try again later.").arg(waiting),
            {{QStringLiteral("pending_requests"), waiting}}};
}

LoadStage stageOf(engine::LoadStage stage) {
    switch (stage) {
        case engine::LoadStage::Quantizing:
            return LoadStage::Quantizing;
        case engine::LoadStage::MovingToGpu:
            return LoadStage::MovingToGpu;
        case engine::LoadStage::LoadingWeights:
            break;
    }
    return LoadStage::LoadingWeights;
}

Error loadError(qint64 id, const Error &error) {
    if (error.code == ErrorCode::Cancelled) return error;
    if (error.code == ErrorCode::InsufficientMemory) return errors::outOfMemory(id);
    return errors::loadFailed(id, error.message);
}

/// The special tokens of the vocabulary that AnswerParser has to see.
std::vector<std::int32_t> marksOf(const engine::LanguageModel &model, const PromptInput &input) {
    const auto *chat = std::get_if<ChatInput>(&input);
    std::vector<std::int32_t> ids;
    for (const std::string_view mark : AnswerParser::marks(chat != nullptr && !chat->tools.isEmpty())) {
        const std::int32_t id = model.tokenizer().id_of(mark);
        if (id >= 0 && model.tokenizer().is_special(id)) ids.push_back(id);
    }
    return ids;
}

/// Lets at most ten reports a second pass, and each first of a stage and the last one. The engine's thread.
class ProgressGate {
public:
    bool open(const engine::LoadProgress &progress) {
        const bool last = progress.bytes_total > 0 && progress.bytes_done >= progress.bytes_total;
        if (m_since.isValid() && progress.stage == m_stage && m_since.elapsed() < 100 && !last) return false;
        if (last && m_lastSent && progress.stage == m_stage) return false;
        m_lastSent = last;
        m_stage = progress.stage;
        m_since.start();
        return true;
    }

private:
    QElapsedTimer m_since;
    engine::LoadStage m_stage = engine::LoadStage::LoadingWeights;
    bool m_lastSent = false;
};

}  // namespace

class InferenceService::Private {
public:
    Private(InferenceService *service, const Settings &settings);

    void deliver(const QList<GenerationEvent> &events);
    void end(quint64 request);
    void time(const GenerationEvent &event);
    std::optional<Error> refusal() const;  ///< of any request, as things stand
    template <class Request>
    Generation *take(Request request, std::optional<Error> refused, QObject *parent);
    void encode(quint64 request, GenerationRequest asked, std::shared_ptr<Generation::Shared> shared);
    void encode(quint64 request, EmbeddingRequest asked, std::shared_ptr<Generation::Shared> shared);
    void deliverLater(const GenerationEvent &event);
    void releaseModel();
    void unloaded();

    InferenceService *q;
    QString dtype, products;
    std::shared_ptr<engine::LanguageModel> model;  ///< for its tokenizer, in the threads "text" and "ids"
    std::optional<LoadedModel> loaded;
    bool loading = false, unloading = false;
    std::shared_ptr<std::atomic<bool>> loadCancelled;
    quint64 lastRequest = 0;
    const std::shared_ptr<std::atomic<int>> tokenizing = std::make_shared<std::atomic<int>>(0);
    const std::shared_ptr<std::atomic<bool>> closing = std::make_shared<std::atomic<bool>>(false);
    QHash<quint64, QPointer<Generation>> requests;
    QHash<quint64, std::shared_ptr<Generation::Shared>> shared;
    InferenceTimes times;
    QDateTime lastEnd;  ///< of a request or the load
    QList<Deferred<void>> unloadWaiters;
    QTimer grace;
    // Last, so first to go: their threads use what is above, and "text" posts to the engine.
    EngineWorker engine;
    WorkerThread text{QStringLiteral("text")};  ///< prompts of what is generated, in order
    WorkerThread ids{QStringLiteral("ids")};    ///< texts whose ids somebody wants: prompts do not wait behind these
};

InferenceService::Private::Private(InferenceService *service, const Settings &settings)
    : q(service),
      dtype(settings.dtype),
      products(settings.products),
      engine(settings, [service](QList<GenerationEvent> events) {
          QMetaObject::invokeMethod(
              service, [service, events = std::move(events)] { service->d->deliver(events); }, Qt::QueuedConnection);
      }) {
    grace.setSingleShot(true);
    QObject::connect(&grace, &QTimer::timeout, q, [this] {
        // What is still at work is stopped within a token; the last one's end goes on with the unloading.
        for (auto it = shared.cbegin(); it != shared.cend(); ++it) {
            if (!it.value()->cancelled.exchange(true))
                engine.queue()->post([id = it.key()](EngineWorker &worker) { worker.cancel(id); });
        }
    });
}

InferenceService::InferenceService(const Settings &settings, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(this, settings)) {}

InferenceService::~InferenceService() {
    *d->closing = true;
    if (d->loadCancelled) *d->loadCancelled = true;
    for (const auto &request : std::as_const(d->shared)) {
        request->cancelled = true;
        request->ended = true;
    }
    // Handles may outlive the service: their promise of an end is kept.
    const Error error = errors::shuttingDown();
    for (const auto &request : std::as_const(d->requests)) {
        if (!request) continue;
        QMetaObject::invokeMethod(
            request.data(),
            [handle = request.data(), error] {
                Q_EMIT handle->failed(error);
                handle->deleteLater();
            },
            Qt::QueuedConnection);
    }
}

void InferenceService::reconfigure(const Settings &settings) {
    d->dtype = settings.dtype;
    d->products = settings.products;
    d->engine.queue()->post([bytes = qint64(settings.kvCacheMb) << 20, threads = settings.threads](EngineWorker &worker) {
        worker.setKvCache(bytes);
        worker.host().setThreads(threads);
    });
}

std::optional<LoadedModel> InferenceService::loaded() const {
    return d->loaded;
}
int InferenceService::pendingRequests() const {
    return int(d->requests.size());
}
engine::StateUse InferenceService::stateUse() const {
    return d->engine.stateUse();
}
QDateTime InferenceService::idleSince() const {
    return d->loaded && d->requests.isEmpty() ? d->lastEnd : QDateTime();
}
const InferenceTimes &InferenceService::times() const {
    return d->times;
}
bool InferenceService::accepting() const {
    return !d->unloading;
}

QFuture<Result<LoadedModel>> InferenceService::load(const Model &model, std::optional<engine::Scheme> quantizeWhileLoading) {
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
    options.quantize = quantizeWhileLoading;
    options.compute = *compute;
    options.products = *products;
    options.trust_remote_code = model.trustRemoteCode;
    d->loading = true;
    d->loadCancelled = std::make_shared<std::atomic<bool>>(false);
    Deferred<Result<LoadedModel>> deferred;

    auto observer = [this, id, cancelled = d->loadCancelled,
                     gate = std::make_shared<ProgressGate>()](const engine::LoadProgress &progress) {
        if (*cancelled) return false;
        if (gate->open(progress)) {
            LoadProgress told;
            told.modelId = id;
            told.stage = stageOf(progress.stage);
            told.progress = progress.bytes_total == 0
                                ? 0
                                : std::min(100.0, 100.0 * double(progress.bytes_done) / double(progress.bytes_total));
            QMetaObject::invokeMethod(this, [this, told] { Q_EMIT loadProgressed(told); }, Qt::QueuedConnection);
        }
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
        loaded.memoryBytes = qint64(d->model->memory_bytes());  // nothing runs on it yet
        loaded.kvCacheBytes = qint64(d->engine.stateUse().limit);
        loaded.generates = info.generates;
        loaded.embeddingSize = info.embedding_size;
        loaded.hasChatTemplate = d->model->chat_template() != nullptr;
        loaded.loadedAt = QDateTime::currentDateTimeUtc();
        d->loaded = loaded;
        d->lastEnd = loaded.loadedAt;
        Q_EMIT loadedChanged();
        deferred.finish(loaded);
    };
    d->engine.queue()->post(
        [this, options = std::move(options), observer = std::move(observer), finish = std::move(finish)](EngineWorker &worker) {
            auto result = worker.load(options, observer);
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
    // Behind the last uses of the tokenizer in "text" and "ids", so that the engine's thread holds the only copy.
    model.reset();
    ids.run([this] {
        text.run([this] {
            engine.queue()->post([this](EngineWorker &worker) {
                ran("the unloading of a model", [&] { worker.unload(); });
                QMetaObject::invokeMethod(q, [this] { unloaded(); }, Qt::QueuedConnection);
            });
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
    const auto dtype = computeTypeFrom(d->dtype);
    const auto compute = dtype ? *dtype : engine::ComputeType::Auto;
    const auto chosen = productsFrom(d->products);
    const auto ofMachine = [compute, products = chosen ? *chosen : engine::Products::Fast] {
        const auto memory = machine::memory();
        return DeviceMemory{QStringLiteral("cpu"), false, compute, memory.available, memory.total, products};
    };
    if (d->engine.expectsCpu()) return d->text.run(ofMachine);
    Deferred<DeviceMemory> deferred;
    d->engine.queue()->post([deferred, compute, ofMachine](EngineWorker &worker) {
        DeviceMemory memory;
        memory.compute = compute;
        const auto device = worker.host().device();
        if (device) {
            memory.device = nameOf(*device);
            memory.gpu = device->kind == engine::DeviceKind::Cuda;
            for (const auto &info : (*worker.host().engine())->devices()) {
                if (info.id != *device) continue;
                memory.freeBytes = qint64(info.free_bytes);
                memory.totalBytes = qint64(info.total_bytes);
            }
        }
        deferred.finish(memory.gpu ? memory : ofMachine());
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

std::optional<Error> InferenceService::Private::refusal() const {
    if (unloading) return errors::busy(loaded->modelId, QStringLiteral("The model is being unloaded."));
    if (!loaded) return errors::notLoaded(0);
    if (requests.size() < longestQueue) return std::nullopt;
    return queueFull(longestQueue);
}

template <class Request>
Generation *InferenceService::Private::take(Request request, std::optional<Error> refused, QObject *parent) {
    const quint64 id = ++lastRequest;
    auto handle = std::make_shared<Generation::Shared>(engine.queue());
    auto *generation = new Generation(id, handle, parent);
    requests.insert(id, generation);
    shared.insert(id, handle);
    if (refused)
        deliverLater({id, *refused});
    else
        encode(id, std::move(request), std::move(handle));
    Q_EMIT q->pendingChanged(q->pendingRequests());
    return generation;
}

Generation *InferenceService::submit(GenerationRequest request, QObject *parent) {
    auto refused = d->refusal();
    if (!refused && !d->loaded->generates)
        refused = errors::invalidRequest(QStringLiteral("model"),
                                         QStringLiteral("%1 makes embeddings; it does not write text.").arg(d->loaded->name));
    return d->take(std::move(request), refused, parent);
}

Generation *InferenceService::embed(EmbeddingRequest request, QObject *parent) {
    auto refused = d->refusal();
    if (!refused && d->loaded->embeddingSize == 0)
        refused = errors::invalidRequest(
            QStringLiteral("model"),
            QStringLiteral("%1 makes no embeddings: how its vectors are pooled is not supported.").arg(d->loaded->name));
    return d->take(std::move(request), refused, parent);
}

void InferenceService::Private::deliverLater(const GenerationEvent &event) {
    QMetaObject::invokeMethod(q, [this, event] { deliver({event}); }, Qt::QueuedConnection);
}

void InferenceService::Private::encode(quint64 request, GenerationRequest asked, std::shared_ptr<Generation::Shared> handle) {
    text.run([this, model = model, request, asked = std::move(asked), handle = std::move(handle)] {
        if (handle->cancelled) return deliverLater({request, GenerationSummary::cancelled()});
        std::string_view reasoningEnd;
        auto ids = caught("the reading of a prompt", [&] { return encodePrompt(*model, asked.input, &reasoningEnd); });
        if (!ids) return deliverLater({request, ids.error()});
        auto grammar = caught("the reading of a grammar", [&] { return answerGrammar(*model, asked, reasoningEnd); });
        if (!grammar) return deliverLater({request, grammar.error()});
        engine::SequenceRequest sequence;
        sequence.prompt = *std::move(ids);
        sequence.sampling = asked.sampling;
        sequence.stop = asked.stop;
        sequence.top_logprobs = asked.topLogprobs;
        sequence.prompt_logprobs = asked.promptLogprobs;
        sequence.skip_special_tokens = asked.skipSpecialTokens;
        sequence.grammar = *std::move(grammar);
        handle->opensReasoning = !reasoningEnd.empty();
        if (asked.showsMarks) sequence.shown_special = marksOf(*model, asked.input);
        // A chat's answer is a text of its own and ends with its turn, a completion is the end of a text.
        const bool chat = std::holds_alternative<ChatInput>(asked.input);
        sequence.continue_prompt_text = !chat || std::get<ChatInput>(asked.input).continuesLast;
        if (chat && !sequence.stop.ignore_eos) {
            const auto &ends = model->info().turn_end_tokens;
            sequence.stop.stop_tokens.insert(sequence.stop.stop_tokens.end(), ends.begin(), ends.end());
        }
        engine.queue()->post(
            [request, sequence = std::move(sequence), handle](EngineWorker &worker) { worker.add(request, sequence, handle); });
    });
}

void InferenceService::Private::encode(quint64 request, EmbeddingRequest asked, std::shared_ptr<Generation::Shared> handle) {
    text.run([this, model = model, request, asked = std::move(asked), handle = std::move(handle)] {
        std::vector<std::vector<std::int32_t>> texts;
        for (const PromptInput &input : asked.inputs) {
            if (handle->cancelled) return deliverLater({request, GenerationSummary::cancelled()});
            auto ids = caught("the reading of a text", [&] { return encodePrompt(*model, input); });
            if (!ids) return deliverLater({request, ids.error()});
            texts.push_back(*std::move(ids));
        }
        engine.queue()->post([request, texts = std::move(texts), handle](EngineWorker &worker) mutable {
            worker.embed(request, std::move(texts), handle);
        });
    });
}

void InferenceService::Private::deliver(const QList<GenerationEvent> &events) {
    for (const auto &event : events) {
        const auto found = requests.constFind(event.request);
        if (found == requests.cend()) continue;
        time(event);
        // A slot may delete the handle.
        const QPointer<Generation> handle = found.value();
        if (const auto *started = std::get_if<GenerationEvent::Started>(&event.what)) {
            if (handle) Q_EMIT handle->started(started->prompt);
        } else if (const auto *chunk = std::get_if<TokenChunk>(&event.what)) {
            if (handle) Q_EMIT handle->chunk(*chunk);
        } else {
            end(event.request);
            if (handle) {
                if (const auto *summary = std::get_if<GenerationSummary>(&event.what))
                    Q_EMIT handle->finished(*summary);
                else if (const auto *embeddings = std::get_if<Embeddings>(&event.what))
                    Q_EMIT handle->embedded(*embeddings);
                else
                    Q_EMIT handle->failed(std::get<Error>(event.what));
                if (handle) handle->deleteLater();
            }
        }
    }
}

void InferenceService::Private::time(const GenerationEvent &event) {
    const auto handle = shared.value(event.request);
    if (!handle) return;
    const auto *chunk = std::get_if<TokenChunk>(&event.what);
    if (chunk && !chunk->tokens.isEmpty()) {
        const double seconds = double(handle->sinceToken.nsecsElapsed()) / 1e9;
        handle->sinceToken.start();
        (std::exchange(handle->hasTokens, true) ? times.betweenTokens : times.firstToken).observe(seconds);
    } else if (const auto *summary = std::get_if<GenerationSummary>(&event.what); summary && handle->hasTokens) {
        times.queue.observe(summary->queueSeconds);
        times.prefill.observe(std::max(0.0, summary->prefillSeconds - summary->queueSeconds));
    }
}

void InferenceService::Private::end(quint64 request) {
    requests.remove(request);
    if (const auto handle = shared.take(request)) handle->ended = true;
    lastEnd = QDateTime::currentDateTimeUtc();
    Q_EMIT q->pendingChanged(q->pendingRequests());
    if (!unloading || !model) return;
    Q_EMIT q->unloadProgressed(loaded->modelId, q->pendingRequests());
    if (requests.isEmpty()) releaseModel();
}

QFuture<Result<QList<qint32>>> InferenceService::tokenize(PromptInput input) {
    using Answer = Result<QList<qint32>>;
    if (!d->model) return resolved(Answer(errors::notLoaded(0)));
    if (d->tokenizing->load() >= mostTokenizing) return resolved(Answer(queueFull(mostTokenizing)));
    ++*d->tokenizing;
    return d->ids.run([model = d->model, input = std::move(input), count = d->tokenizing, closing = d->closing]() -> Answer {
        const auto counted = qScopeGuard([&] { --*count; });
        if (*closing) return errors::shuttingDown();
        auto ids = encodePrompt(*model, input);
        if (!ids) return ids.error();
        return QList<qint32>(ids->begin(), ids->end());
    });
}

QFuture<Result<QString>> InferenceService::detokenize(QList<qint32> ids) {
    if (!d->model) return resolved(Result<QString>(errors::notLoaded(0)));
    return d->ids.run([model = d->model, ids = std::move(ids)] { return decodeTokens(*model, ids); });
}

}  // namespace millm
