#pragma once

#include "core/base/error.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/tokenizer/text_files.h"

#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <optional>

namespace millm {

enum class ModelSource { HuggingFace, Local };

/// Where a model stands. Transitions are the table of core/models/state_table.h.
enum class ModelState { Queued, Downloading, Ready, Loading, Loaded, Unloading, DownloadFailed, LoadFailed };

/// "downloading", "ready", "loading", "loaded" or "error": the five that clients know.
QLatin1StringView apiStatus(ModelState state);

/// Where a model's memory goes, foretold or held.
struct MemoryUse {
    qint64 weightBytes = 0, kvCacheBytes = 0;
    qint64 workspaceBytes = 0;  ///< activations, logits, tokenizer
    qint64 deviceBytes = 0;     ///< CUDA context, or the engine's libraries on the CPU
    qint64 contextLength = 0;   ///< tokens that kvCacheBytes is for

    qint64 totalBytes() const { return weightBytes + kvCacheBytes + workspaceBytes + deviceBytes; }
    /// What is given back when the model is unloaded.
    qint64 ownBytes() const { return totalBytes() - deviceBytes; }
    static MemoryUse of(const engine::MemoryParts &parts, qint64 contextLength);

    bool operator==(const MemoryUse &) const = default;
};

/// A model as the catalog has it: the database's row and what is known only while it runs.
struct Model {
    qint64 id = 0;
    QString name;  ///< unique
    ModelSource source = ModelSource::HuggingFace;
    QString repoId;        ///< empty for local ones
    QString localPath;     ///< empty for downloaded ones
    QString params;        ///< "2.6B"
    QString architecture;  ///< "LlamaForCausalLM"; may be empty
    engine::Scheme quantization = engine::Scheme::NF4;
    qint64 diskSizeMb = 0;
    qint64 estimatedMemoryMb = 0;
    MemoryUse estimate;        ///< the same in parts; of nothing where an earlier version wrote the record
    qint64 contextLength = 0;  ///< tokens that loads reserve, as somebody wished; 0: what fits
    QString wishedDevice;      ///< "cuda:0": where loads go, as somebody wished; empty: the settings'
    bool kept = false;         ///< a local one's: quantized from the folder once, its files are the cache's
    QString cachePath;         ///< the finished folder, or the symlink of a linked one
    QString configJson;        ///< the repository's config.json
    ModelState state = ModelState::Ready;
    QString errorMessage;  ///< only in DownloadFailed and LoadFailed
    bool trustRemoteCode = false;
    QDateTime createdAt, updatedAt;  ///< UTC
    // Known only while it runs:
    double downloadProgress = 0;      ///< 0-100
    int queuePlace = 0;               ///< from 1 on while Queued behind others; 0: not known yet
    QDateTime loadedAt;               ///< valid only while loaded
    QString device;                   ///< "cpu", "cuda:0" while loaded
    std::optional<MemoryUse> memory;  ///< held while loaded
    qint64 keptBytes = 0;             ///< of a linked one's quantized weights in the cache

    void setEstimate(const MemoryUse &parts);  ///< both of them
    /// Its files are somebody's own, in a folder that the cache has a link to.
    bool linked() const { return source == ModelSource::Local && !kept; }
};

enum class DownloadPhase { Queued, Downloading, Waiting, Verifying, Quantizing, Publishing };

/// How far a download is. Sent at most 10 times a second a model, the last one always.
struct DownloadProgress {
    qint64 modelId = 0;
    DownloadPhase phase = DownloadPhase::Queued;
    double progress = 0;  ///< 0-100, never falls
    qint64 bytesDownloaded = 0, totalBytes = 0;
    double speedMbps = 0;     ///< megabits (10^6) a second
    qint64 secondsLeft = -1;  ///< -1 unknown
    qint64 waitSeconds = 0;   ///< Waiting: the pause before the next try
};

enum class LoadStage { UnloadingPrevious, LoadingWeights, Quantizing, MovingToGpu };

/// How far a load is.
struct LoadProgress {
    qint64 modelId = 0;
    LoadStage stage = LoadStage::LoadingWeights;
    double progress = 0;      ///< 0-100
    int pendingRequests = 0;  ///< UnloadingPrevious: still to end
};

/// Disk and memory of one quantization, before the download.
struct SizeEstimate {
    engine::Scheme scheme = engine::Scheme::NF4;
    qint64 diskBytes = 0;
    MemoryUse memory;
    qint64 fullKvCacheBytes = 0, fullMemoryBytes = 0;  ///< the same at the model's whole context
    qint64 kvBytesPerToken = 0, fixedStateBytes = 0;   ///< of one sequence; see engine::MemoryFootprint
};

/// What weights are stored as.
struct StoredType {
    QString dtype;  ///< safetensors' name: "BF16"
    qint64 tensors = 0, bytes = 0;
};

/// A repository seen before its download, or a folder before it is added.
struct ModelPreview {
    ModelSource source = ModelSource::HuggingFace;
    QString localPath;  ///< empty for a repository
    QString name, repoId, commit, params, architecture, modelType;
    qint64 parameters = 0;  ///< 0 unknown
    QList<StoredType>
        storedTypes;        ///< the one with the most bytes first; empty where the files do not tell before they are there
    QString quantizedWith;  ///< config.json's quant_method; empty where the weights are as they were trained
    QString quantizedForm;  ///< the same with its form where there are several: "compressed-tensors, pack-quantized"
    bool requiresTrustRemoteCode = false, isGated = false;
    bool filesReadable = true;  ///< false: gated, and the token does not open it; what is told is the Hub's own word
    QString license;            ///< may be empty
    qint64 contextLength = 0;   ///< 0 unknown
    bool supported = true;
    QString unsupportedReason;
    QString unsupportedField;                                 ///< of config.json; empty where it is not one field
    ErrorCode unsupportedCode = ErrorCode::UnsupportedModel;  ///< what a download answers; where not supported
    engine::TokenizerKind tokenizer = engine::TokenizerKind::None;
    QStringList tokenizerFiles;
    QString tokenizerClass;                    ///< transformers' name without "Fast"; may be empty
    std::optional<QStringList> chatTemplates;  ///< names, "default" of an only one; nothing: unknown
    bool generates = true;                     ///< false: an encoder, which makes embeddings alone
    qint64 downloadBytes = 0;                  ///< of all files that a download brings, or that the folder has
    qint64 cachedBytes = 0;                    ///< of those in the Hub's own cache on this machine: not fetched again
    QList<SizeEstimate> sizes;                 ///< one a scheme, in the table's order
    qint64 availableMemoryBytes = 0;           ///< of the device that would hold it, now
    qint64 availableDiskBytes = 0;
};

/// Models that lie in another folder than the cache.
struct Elsewhere {
    int models = 0;
    qint64 bytes = 0;
};

struct DownloadRequest {
    QString repoId;
    engine::Scheme quantization = engine::Scheme::NF4;
    bool trustRemoteCode = false;
    QString token;       ///< empty: the settings'
    QString customName;  ///< empty: the repository's last part
};

struct LocalRequest {
    QString path;                                       ///< absolute
    engine::Scheme quantization = engine::Scheme::NF4;  ///< applied by the first load, which keeps what it makes
    bool trustRemoteCode = false;
    QString customName;
};

/// How a model is loaded.
struct LoadRequest {
    bool force = false;  ///< though it may not fit
    std::optional<qint64>
        contextLength;  ///< tokens of a sequence, kept for the next load; 0: what fits; nothing: as the last time
    std::optional<QString>
        device;  ///< "cpu", "cuda:0", kept for the next load; empty: the settings'; nothing: as the last time
};

/// What a load would take on a device, shown before it: as a function of the context, which may be chosen.
struct MemoryCheck {
    engine::MemoryNeeds needs;
    MemoryUse need;             ///< for the context that a load reserves where nobody says another
    qint64 usualContext = 0;    ///< tokens, what fits
    qint64 longestContext = 0;  ///< that may be asked for: the model's, or what the budget of requests holds
    QString device, deviceName;
    bool gpu = false;
    qint64 freeBytes = 0, totalBytes = 0;
    qint64 givenBackBytes = 0;  ///< by unloading the present model
    qint64 openBytes = 0;       ///< of `need`, what is there already: the engine's libraries, the device's context
    bool fits = true;

    qint64 availableBytes() const { return std::min(totalBytes, freeBytes + givenBackBytes + openBytes); }
    MemoryUse needAt(qint64 contextLength) const;
    bool fitsAt(qint64 contextLength) const { return needAt(contextLength).totalBytes() <= availableBytes(); }
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::Model)
Q_DECLARE_METATYPE(millm::DownloadProgress)
Q_DECLARE_METATYPE(millm::LoadProgress)
