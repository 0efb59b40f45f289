#pragma once

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/inference/engine_host.h"
#include "core/inference/generation_shared.h"
#include "core/inference/requests.h"
#include "core/inference/task_queue.h"
#include "core/system/machine.h"

#include <QElapsedTimer>
#include <QList>
#include <QThread>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

namespace millm {

/// Something that happened to a request.
struct GenerationEvent {
    struct Started {
        QList<qint32> prompt;
    };
    quint64 request = 0;
    std::variant<Started, TokenChunk, GenerationSummary, Embeddings, Error> what;  ///< the last three end it
};

/// The thread "engine": owns plugin and model, takes tasks between steps, and steps while sequences live or texts wait for
/// their vectors. It sleeps otherwise. Public members other than queue(), expectsCpu(), isOpen(), stateUse(), memory() and the
/// constructor belong to tasks, in the thread itself.
class EngineWorker {
public:
    using Sink = std::function<void(QList<GenerationEvent>)>;

    /// `sink` is called in the engine's thread.
    EngineWorker(const Settings &settings, std::function<machine::Memory()> probe, Sink sink);
    ~EngineWorker();  ///< drops what is queued, ends after the running step, joins the thread

    const std::shared_ptr<TaskQueue> &queue() const { return m_queue; }
    bool expectsCpu() const { return m_host.expectsCpu(); }
    bool isOpen() const { return m_host.isOpen(); }  ///< the engine's libraries are in memory
    engine::StateUse stateUse() const;               ///< behind the last step
    engine::MemoryParts memory() const;              ///< the same

    EngineHost &host() { return m_host; }
    /// Loads to the device of that name, or the usual one, and reserves what a sequence of the context remembers. On the CPU it
    /// ends with InsufficientMemory before the machine has none left. The model is handed out for its tokenizer; every copy
    /// must be gone before unload().
    Result<std::shared_ptr<engine::LanguageModel>> load(engine::LoadOptions options, const QString &device,
                                                        const engine::LoadObserver &observer);
    void setKvCache(qint64 bytes) { m_kvCacheBytes = bytes; }  ///< of loads to come; 0: a share of what is free
    void unload();                                             ///< live sequences end as cancelled
    void add(quint64 request, engine::SequenceRequest sequence, std::shared_ptr<Generation::Shared> shared);
    /// Makes a vector of each text, some between each two steps.
    void embed(quint64 request, std::vector<std::vector<std::int32_t>> texts, std::shared_ptr<Generation::Shared> shared);
    void cancel(quint64 request);

private:
    struct Live {
        quint64 request = 0;
        qint64 promptTokens = 0, completionTokens = 0, reusedTokens = 0;
        bool scores = false;
        QList<ScoredToken> prompt;
        QElapsedTimer clock;  ///< since it was added
        double prefillSeconds = -1;
        double queueSeconds = 0;
        qint64 masks = 0;
        double maskSeconds = 0;
    };

    /// Texts on their way to become vectors.
    struct Embedding {
        quint64 request = 0;
        std::vector<std::vector<std::int32_t>> texts;
        Embeddings made;
    };

    void run();
    Result<void> reserveStates(const engine::LoadOptions &options);
    void noteStates();
    void step();
    void embedSome();                  ///< of whoever waits longest
    void failAll(const Error &error);  ///< ends every live sequence and embedding
    void apply(engine::SequenceUpdate &update, QList<GenerationEvent> &events);
    ScoredToken scored(const engine::GeneratedToken &token, bool scores) const;
    static GenerationSummary summary(const Live &live, engine::FinishReason reason);

    EngineHost m_host;
    std::function<machine::Memory()> m_probe;
    Sink m_sink;
    std::shared_ptr<TaskQueue> m_queue = std::make_shared<TaskQueue>();
    std::shared_ptr<engine::LanguageModel> m_model;
    std::unordered_map<engine::SequenceId, Live> m_live;
    std::deque<Embedding> m_embeddings;
    qint64 m_kvCacheBytes;  ///< 0: a share of what is free
    mutable std::mutex m_stateMutex;
    engine::StateUse m_stateUse;
    engine::MemoryParts m_memory;
    std::unique_ptr<QThread> m_thread;
};

}  // namespace millm
