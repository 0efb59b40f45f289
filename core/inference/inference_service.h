#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"
#include "core/engine/memory_footprint.h"
#include "core/inference/inference_times.h"
#include "core/inference/requests.h"
#include "core/models/model.h"
#include "core/system/machine.h"

#include <QDateTime>
#include <QFuture>
#include <QObject>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

namespace millm {

struct Settings;

/// A request under way. Made by InferenceService::submit or embed, lives in the services thread, deletes itself after
/// finished(), embedded() or failed() (one of them always comes, queued, also after cancel()). Deleting it cancels.
class Generation : public QObject {
    Q_OBJECT
public:
    class Shared;
    ~Generation() override;
    quint64 id() const { return m_id; }
    bool opensReasoning() const;  ///< the prompt ends inside of reasoning; from started() on
    /// Stops within one token; finished() with reason Cancelled follows.
    void cancel();

Q_SIGNALS:
    /// The prompt is tokenized and accepted.
    void started(const QList<qint32> &promptIds);
    void chunk(const millm::TokenChunk &chunk);
    void finished(const millm::GenerationSummary &summary);
    void embedded(const millm::Embeddings &embeddings);
    void failed(const millm::Error &error);

private:
    friend class OpenRequests;
    Generation(quint64 id, std::shared_ptr<Shared> shared, QObject *parent);
    quint64 m_id;
    std::shared_ptr<Shared> m_shared;
};

/// The model in memory, as clients see it.
struct LoadedModel {
    qint64 modelId = 0;
    QString name, architecture, device, computeType;
    QString repoId;  ///< empty for a local folder
    qint64 contextLength = 0, vocab = 0, weightBytes = 0;
    MemoryUse memory;         ///< as it was behind the load
    qint64 kvCacheBytes = 0;  ///< what all requests together may remember
    bool hasChatTemplate = false;
    bool generates = true;     ///< false: an encoder, which makes vectors alone
    qint64 embeddingSize = 0;  ///< numbers of a text's vector; 0: it makes none
    QDateTime loadedAt;

    /// Whether clients may call it so: by its name or as the repository that it came from.
    bool answersTo(const QString &called) const { return called == name || (!repoId.isEmpty() && called == repoId); }
    ModelUse use() const { return !generates ? ModelUse::Embeddings : hasChatTemplate ? ModelUse::Chat : ModelUse::Completion; }
};

/// Free and total memory of a device that models can be loaded to, and how they would be computed there.
struct DeviceMemory {
    QString device;  ///< "cpu", "cuda:0"
    QString name;    ///< of the thing: "NVIDIA H200"
    bool gpu = false;
    engine::ComputeType compute = engine::ComputeType::Auto;  ///< what models are computed in there
    qint64 freeBytes = 0, totalBytes = 0;
    engine::Products products = engine::Products::Fast;  ///< of quantized weights
    qint64 kvCacheBytes = 0;                             ///< that requests may take; 0: a share of what is free
    bool open = false;                                   ///< the engine's libraries are in memory already

    /// What a load reserves for the KV cache where nobody asks for a context: a share, so that there is room for others.
    qint64 usualKvCacheBytes() const {
        const qint64 share = totalBytes / (gpu ? 4 : 8);
        return kvCacheBytes > 0 ? std::min(kvCacheBytes, share) : share;
    }
};

/// Places in the queue of requests, taken for as long as somebody has a copy.
using QueuePlaces = std::shared_ptr<const void>;

/// How a model is loaded.
struct LoadChoice {
    std::optional<engine::Scheme> quantize;  ///< while it is read
    qint64 contextLength = 0;                ///< tokens; 0: what usualKvCacheBytes() holds
    QString device;                          ///< empty: the settings'
};

/// What the machine has free; tests have other machines.
using MemoryProbe = std::function<machine::Memory()>;

/// Owns the engine plugin and the loaded model through a worker thread ("engine"): loads, unloads, answers requests with
/// continuous batching. Services thread; nothing here blocks.
class InferenceService : public QObject {
    Q_OBJECT
public:
    explicit InferenceService(
        const Settings &settings, QObject *parent = nullptr, MemoryProbe probe = [] { return machine::memory(); });
    ~InferenceService() override;

    /// Takes compute type, products and memory of requests from there, for loads to come, and threads, from the next step on.
    void reconfigure(const Settings &settings);

    std::optional<LoadedModel> loaded() const;
    int pendingRequests() const;
    /// Since when nobody asks the loaded model anything; null while somebody does, and without one.
    QDateTime idleSince() const;
    bool accepting() const;  ///< false while a model unloads
    /// The memory of requests as it was behind the engine's last step.
    engine::StateUse stateUse() const;
    /// Where the loaded model's memory went, as it was behind the engine's last step; of nothing without one.
    MemoryUse memoryUse() const;
    /// Of all requests that generated.
    const InferenceTimes &times() const;

    /// Loads a folder (the present model must be unloaded before). Progress by signal.
    QFuture<Result<LoadedModel>> load(const Model &model, const LoadChoice &choice);
    void cancelLoad();
    /// Refuses new requests, waits for the pending ones (unloadProgressed), at most `graceSeconds`, then cancels them and frees
    /// the model.
    QFuture<void> unload(int graceSeconds);
    QFuture<DeviceMemory> deviceMemory();
    /// All devices that the engine computes on, the settings' first.
    QFuture<QList<DeviceMemory>> devices();
    /// The plugin in use: "libtorch 2.6.0, CPU…"; loads it where it is not yet.
    QFuture<QString> engineDescription();

    /// Places for `count` requests that belong together: all of them, or none and the reason. They let a request in also while
    /// a model that is being unloaded gives those under way time.
    Result<QueuePlaces> reserve(int count);
    /// Always answers with a handle; what is wrong arrives as failed(). Parent owns it. Without `places` it takes one itself.
    Generation *submit(GenerationRequest request, QObject *parent, QueuePlaces places = {});
    /// The same for vectors of texts, which are made between the steps of what is generated. What is asked of a model that does
    /// not generate, or makes no vectors, fails.
    Generation *embed(EmbeddingRequest request, QObject *parent);

    QFuture<Result<QList<qint32>>> tokenize(PromptInput input);
    QFuture<Result<QString>> detokenize(QList<qint32> ids);
    /// The program ends: texts that wait to be tokenized fail, so that an unload need not wait for them.
    void giveUpTexts();

Q_SIGNALS:
    void loadedChanged();
    void pendingChanged(int pending);
    void loadProgressed(const millm::LoadProgress &progress);
    void unloadProgressed(qint64 modelId, int pending);

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
