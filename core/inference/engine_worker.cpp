#include "core/inference/engine_worker.h"

#include "core/base/background.h"
#include "core/base/errors.h"
#include "core/base/last_net.h"
#include "core/base/log_categories.h"
#include "core/base/settings.h"
#include "core/inference/inference_service.h"
#include "core/inference/memory_guard.h"

#include <algorithm>

namespace millm {

namespace {

/// Of the texts that become vectors between two steps: what is generated waits for these.
constexpr std::size_t tokensAtOnce = 1024;

}  // namespace

EngineWorker::EngineWorker(const Settings &settings, std::function<machine::Memory()> probe, Sink sink)
    : m_host(settings), m_probe(std::move(probe)), m_sink(std::move(sink)), m_kvCacheBytes(qint64(settings.kvCacheMb) << 20) {
    m_thread.reset(QThread::create([this] { run(); }));
    m_thread->setObjectName(QStringLiteral("engine"));
    m_thread->start();
}

EngineWorker::~EngineWorker() {
    m_queue->close();
    m_thread->wait();
}

void EngineWorker::run() {
    background::enter();
    for (;;) {
        auto tasks = m_queue->take(m_live.empty() && m_embeddings.empty());
        for (auto &task : tasks) {
            if (m_queue->closed()) break;
            ran("a task of the engine", [&] { task(*this); });
        }
        // A task may hold the last but one copy of the model.
        tasks.clear();
        if (m_queue->closed()) break;
        if (!m_live.empty() && !ran("a step of the engine", [this] { step(); })) failAll(errors::internal(faultWords()));
        noteStates();
        if (!m_embeddings.empty() && !ran("the embedding of texts", [this] { embedSome(); }))
            failAll(errors::internal(faultWords()));
    }
    m_live.clear();
    m_embeddings.clear();
    m_model.reset();
}

Result<std::shared_ptr<engine::LanguageModel>> EngineWorker::load(engine::LoadOptions options, const QString &device,
                                                                  const engine::LoadObserver &observer) {
    return caught("the loading of a model", [&]() -> Result<std::shared_ptr<engine::LanguageModel>> {
        auto engine = m_host.engine();
        if (!engine) return engine.error();
        const auto chosen = m_host.device(device);
        if (!chosen) return chosen.error();
        options.device = *chosen;
        MemoryGuard guard(options.device.kind == engine::DeviceKind::Cpu ? m_probe : nullptr);
        auto loaded = (*engine)->load(options, [&](const engine::LoadProgress &progress) {
            return guard.allows(progress.bytes_next) && observer(progress);
        });
        if (guard.refused()) return guard.refusal();
        if (!loaded) return errors::fromEngine(loaded.error());
        m_model = *std::move(loaded);
        if (auto reserved = reserveStates(options); !reserved) {
            m_model.reset();
            return reserved.error();
        }
        for (const std::string &remark : m_model->info().remarks) qCWarning(inferenceLog, "%s", remark.c_str());
        return m_model;
    });
}

Result<void> EngineWorker::reserveStates(const engine::LoadOptions &options) {
    // What is free with the weights in memory.
    qint64 free = 0, total = 0;
    const bool cpu = options.device.kind == engine::DeviceKind::Cpu;
    if (cpu) {
        const auto memory = m_probe();
        free = memory.available / 2;
        total = memory.total;
    } else {
        for (const auto &info : (*m_host.engine())->devices())
            if (info.id == options.device) free = qint64(info.free_bytes / 10 * 9), total = qint64(info.total_bytes);
    }
    const DeviceMemory device{.gpu = !cpu, .totalBytes = total, .kvCacheBytes = m_kvCacheBytes};
    const qint64 budget = m_kvCacheBytes > 0 ? m_kvCacheBytes : free;
    // Who says nothing gets what leaves room for others.
    if (options.context_length == 0)
        if (const auto limited = m_model->limit_states(std::uint64_t(std::min(budget, device.usualKvCacheBytes()))); !limited)
            return errors::fromEngine(limited.error());
    const auto one = qint64(m_model->state_bytes(m_model->info().context_length));
    if (const auto limited = m_model->limit_states(std::uint64_t(m_kvCacheBytes > 0 ? budget : std::max(budget, one)));
        !limited)
        return errors::fromEngine(limited.error());
    MemoryGuard guard(cpu ? m_probe : nullptr);
    if (!guard.allows(m_model->state_bytes(m_model->info().context_length))) return guard.refusal();
    if (const auto reserved = m_model->reserve_states(); !reserved) return errors::fromEngine(reserved.error());
    noteStates();
    return {};
}

void EngineWorker::noteStates() {
    engine::StateUse use;
    engine::MemoryParts memory;
    if (m_model) {
        use = m_model->state_use();
        memory = m_model->memory();
        // What a GPU keeps beside that, nobody measures.
        if (m_model->info().device == "cpu") memory.context = std::uint64_t(m_host.openedBytes());
    }
    if (!use.slower.empty() && use.slower != m_stateUse.slower)
        qCWarning(inferenceLog, "Answers of this model take longer than they could: %s", use.slower.c_str());
    const std::lock_guard lock(m_stateMutex);
    m_stateUse = std::move(use);
    m_memory = memory;
}

engine::MemoryParts EngineWorker::memory() const {
    const std::lock_guard lock(m_stateMutex);
    return m_memory;
}

engine::StateUse EngineWorker::stateUse() const {
    const std::lock_guard lock(m_stateMutex);
    return m_stateUse;
}

void EngineWorker::unload() {
    QList<GenerationEvent> events;
    for (const auto &[id, live] : m_live) {
        m_model->cancel(id);
        events << GenerationEvent{live.request, summary(live, engine::FinishReason::Cancelled)};
    }
    m_live.clear();
    for (const Embedding &embedding : m_embeddings)
        events << GenerationEvent{embedding.request, GenerationSummary::cancelled()};
    m_embeddings.clear();
    if (!events.isEmpty()) m_sink(std::move(events));
    if (m_model && m_model.use_count() > 1)
        qCWarning(inferenceLog, "The model is still used by %ld others while it unloads", m_model.use_count() - 1);
    m_model.reset();
    noteStates();
}

void EngineWorker::add(quint64 request, engine::SequenceRequest sequence, std::shared_ptr<Generation::Shared> shared) {
    Live live;
    live.request = request;
    live.promptTokens = qint64(sequence.prompt.size());
    live.scores = sequence.top_logprobs >= 0;
    const QList<qint32> prompt(sequence.prompt.begin(), sequence.prompt.end());
    if (shared->cancelled) {
        m_sink({{request, summary(live, engine::FinishReason::Cancelled)}});
        return;
    }
    if (!m_model) {
        m_sink({{request, errors::notLoaded(0)}});
        return;
    }
    live.clock.start();
    auto id = caught("the start of a request", [&] { return m_model->add(std::move(sequence)); });
    if (!id) {
        m_sink({{request, errors::fromEngine(id.error())}});
        return;
    }
    m_live.emplace(*id, std::move(live));
    m_sink({{request, GenerationEvent::Started{prompt}}});
}

void EngineWorker::embed(quint64 request, std::vector<std::vector<std::int32_t>> texts,
                         std::shared_ptr<Generation::Shared> shared) {
    if (shared->cancelled) return m_sink({{request, GenerationSummary::cancelled()}});
    if (!m_model) return m_sink({{request, errors::notLoaded(0)}});
    Embedding embedding{request, std::move(texts), {}};
    for (const auto &text : embedding.texts) embedding.made.promptTokens += qint64(text.size());
    m_embeddings.push_back(std::move(embedding));
}

void EngineWorker::embedSome() {
    Embedding &embedding = m_embeddings.front();
    const std::size_t first = embedding.made.vectors.size();
    std::size_t end = first, tokens = 0;
    while (end < embedding.texts.size() && (end == first || tokens + embedding.texts[end].size() <= tokensAtOnce))
        tokens += embedding.texts[end++].size();
    auto vectors = caught("the embedding of texts",
                          [&] { return m_model->embed(std::span(embedding.texts).subspan(first, end - first)); });
    if (!vectors) {
        m_sink({{embedding.request, errors::fromEngine(vectors.error())}});
    } else {
        for (auto &vector : *vectors) embedding.made.vectors.push_back(std::move(vector));
        if (end < embedding.texts.size()) return;
        noteStates();
        m_sink({{embedding.request, std::move(embedding.made)}});
    }
    m_embeddings.pop_front();
}

void EngineWorker::cancel(quint64 request) {
    if (std::erase_if(m_embeddings, [&](const Embedding &embedding) { return embedding.request == request; }) > 0)
        return m_sink({{request, GenerationSummary::cancelled()}});
    const auto found = std::ranges::find_if(m_live, [&](const auto &entry) { return entry.second.request == request; });
    if (found == m_live.end()) return;
    m_model->cancel(found->first);
    QList<GenerationEvent> events{{request, summary(found->second, engine::FinishReason::Cancelled)}};
    m_live.erase(found);
    m_sink(std::move(events));
}

void EngineWorker::step() {
    QList<GenerationEvent> events;
    auto updates = caught("a step of the engine", [this] { return m_model->step(); });
    if (updates) {
        for (auto &update : *updates) apply(update, events);
    } else {
        // The round failed as a whole: nobody knows which sequence it was, so none of them goes on.
        const Error error = errors::fromEngine(updates.error());
        qCWarning(inferenceLog, "A step of the engine failed: %s", qPrintable(error.message));
        failAll(error);
    }
    // Whoever hears of the end may ask what it took.
    noteStates();
    if (!events.isEmpty()) m_sink(std::move(events));
}

void EngineWorker::failAll(const Error &error) {
    QList<GenerationEvent> events;
    for (const auto &[id, live] : m_live) {
        ran("the end of a request", [&] { m_model->cancel(id); });
        events << GenerationEvent{live.request, error};
    }
    m_live.clear();
    for (const Embedding &embedding : m_embeddings) events << GenerationEvent{embedding.request, error};
    m_embeddings.clear();
    if (!events.isEmpty()) m_sink(std::move(events));
}

void EngineWorker::apply(engine::SequenceUpdate &update, QList<GenerationEvent> &events) {
    const auto found = m_live.find(update.id);
    if (found == m_live.end()) return;
    Live &live = found->second;
    for (const auto &token : update.prompt) live.prompt << scored(token, true);
    live.completionTokens += qint64(update.tokens.size());
    live.reusedTokens = update.prompt_tokens_reused;
    live.queueSeconds = update.queue_seconds;
    if (update.mask_microseconds > 0) {
        ++live.masks;
        live.maskSeconds += update.mask_microseconds / 1e6;
    }
    if (!update.tokens.empty() && live.prefillSeconds < 0) live.prefillSeconds = double(live.clock.nsecsElapsed()) / 1e9;
    if (!update.tokens.empty() || !update.text.empty()) {
        TokenChunk chunk;
        chunk.text = QString::fromUtf8(update.text.data(), qsizetype(update.text.size()));
        for (const auto &token : update.tokens) chunk.tokens << scored(token, live.scores);
        events << GenerationEvent{live.request, std::move(chunk)};
    }
    if (update.finish == engine::FinishReason::None) return;
    if (update.finish == engine::FinishReason::Failed) {
        events << GenerationEvent{live.request, update.error ? errors::fromEngine(*update.error)
                                                             : errors::internal(QStringLiteral("The engine failed."))};
    } else {
        auto end = summary(live, update.finish);
        end.stopString = QString::fromStdString(update.stop_string);
        events << GenerationEvent{live.request, std::move(end)};
    }
    m_live.erase(found);
}

ScoredToken EngineWorker::scored(const engine::GeneratedToken &token, bool scores) const {
    ScoredToken result;
    result.id = token.id;
    if (!scores) return result;
    const auto &tokenizer = m_model->tokenizer();
    result.bytes = QByteArray::fromStdString(tokenizer.token_bytes(token.id));
    result.logprob = token.logprob;
    for (const auto &other : token.top)
        result.top << TokenScore{other.id, QByteArray::fromStdString(tokenizer.token_bytes(other.id)), other.logprob};
    return result;
}

GenerationSummary EngineWorker::summary(const Live &live, engine::FinishReason reason) {
    GenerationSummary end;
    end.reason = reason;
    end.promptTokens = live.promptTokens;
    end.completionTokens = live.completionTokens;
    end.prompt = live.prompt;
    const double total = live.clock.isValid() ? double(live.clock.nsecsElapsed()) / 1e9 : 0;
    end.prefillSeconds = live.prefillSeconds < 0 ? total : live.prefillSeconds;
    end.decodeSeconds = total - end.prefillSeconds;
    end.queueSeconds = live.queueSeconds;
    end.reusedTokens = live.reusedTokens;
    end.masks = live.masks;
    end.maskSeconds = live.maskSeconds;
    return end;
}

}  // namespace millm
