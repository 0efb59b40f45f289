#pragma once

#include "core/engine/compute_types.h"
#include "core/engine/device.h"
#include "core/engine/generation/options.h"
#include "core/engine/memory_parts.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

struct LoadOptions {
    std::filesystem::path folder;    ///< config.json, *.safetensors, tokenizer.json…
    std::optional<Scheme> quantize;  ///< apply while loading (local models); nothing = as stored
    DeviceId device;
    ComputeType compute = ComputeType::Auto;
    Products products = Products::Fast;  ///< of quantized weights
    std::int64_t context_length = 0;     ///< tokens kept per sequence at most; 0 = the model's
    std::int64_t prefill_chunk = 512;    ///< prompt tokens that a step takes at most, of all sequences together
    bool trust_remote_code = false;
};

enum class LoadStage : std::uint8_t { LoadingWeights, Quantizing, MovingToGpu };

struct LoadProgress {
    LoadStage stage = LoadStage::LoadingWeights;
    std::uint64_t bytes_done = 0, bytes_total = 0;
    std::uint64_t bytes_next = 0;  ///< of a weight that is about to be read; 0 behind it
};

/// Called from the loading thread; false ends the load with Cancelled.
using LoadObserver = std::function<bool(const LoadProgress &)>;

struct ModelInfo {
    std::string architecture;  ///< "LlamaForCausalLM"
    std::string model_type;
    std::string compute_type;         ///< "bfloat16"
    std::string device;               ///< "cpu", "cuda:0"
    std::int64_t context_length = 0;  ///< in force: min(model, LoadOptions)
    std::int64_t vocab = 0, layers = 0, hidden = 0;
    bool generates = true;                      ///< false: an encoder, which has embed() alone
    std::int64_t embedding_size = 0;            ///< numbers of a text's vector; 0: embed() is refused
    std::string pooling;                        ///< how it is made of the tokens': "mean"
    std::vector<std::int32_t> eos_tokens;       ///< of config.json, generation_config.json and the tokenizer, each once
    std::vector<std::int32_t> turn_end_tokens;  ///< what the chat template ends an answer with
    std::uint64_t weight_bytes = 0;             ///< resident weights
    std::uint64_t text_bytes = 0;               ///< what tokenizer and chat template take, about
    std::uint64_t kv_bytes_per_token = 0;       ///< while no window is full
    std::uint64_t fixed_state_bytes = 0;        ///< of a sequence, whatever its length: recurrent states
    std::vector<std::string> remarks;           ///< what is odd about the checkpoint, a sentence each, for the log
};

/// What sequences remember, now.
struct StateUse {
    std::uint64_t limit = 0, live = 0, kept = 0;  ///< bytes: at most, of live sequences, of ended ones
    std::int64_t running = 0, waiting = 0;        ///< live sequences with and without a place
    std::uint64_t preempted = 0;                  ///< how often one gave way, since the load
    std::string slower;                           ///< why steps take longer than they could; empty: nothing is in their way
};

/// The residual stream behind one layer, at the rows of one sequence that a pass computes.
struct ResidualRows {
    std::int64_t layer = -1;          ///< -1: the embeddings
    SequenceId sequence = 0;          ///< 0 while LanguageModel::logits() runs
    std::int64_t first_position = 0;  ///< of the first row in its sequence
    std::int64_t rows = 0, hidden = 0;
    float *values = nullptr;  ///< [rows, hidden]; what is written into it goes on to the next layer
};

/// Observes and edits what layers hand on: steering and monitoring. Called in the thread that calls LanguageModel::step(); a
/// pass that failed is shown again when it is repeated.
class ResidualHook {
public:
    virtual ~ResidualHook() = default;
    virtual bool wants(std::int64_t layer) const = 0;
    virtual void after_layer(const ResidualRows &rows) = 0;
};

/// A loaded model and the set of sequences it is continuing. One thread at a time, the one that called Engine::load
/// or another; tokenizer(), chat_template() and compile() may be used from any thread.
class LanguageModel {
public:
    virtual ~LanguageModel() = default;

    virtual const ModelInfo &info() const = 0;
    virtual const Tokenizer &tokenizer() const = 0;
    virtual const ChatTemplate *chat_template() const = 0;  ///< null where the repository has none
    /// For SequenceRequest::grammar. In any thread; the first one takes a moment, since the vocabulary is sorted for it.
    /// InvalidArgument where it is no grammar.
    virtual Result<std::shared_ptr<const CompiledGrammar>> compile(const Grammar &grammar) const = 0;
    /// Bytes in use now: weights, and what sequences remember, live and kept ones.
    virtual std::uint64_t memory_bytes() const = 0;
    /// What the model holds, by parts: of the KV cache also what is reserved, of the workspace the most that a step took so
    /// far, and the tokenizer; of the context nothing, which is the engine's.
    virtual MemoryParts memory() const = 0;

    /// What live sequences may remember together, in bytes; what ended ones remembered is kept as long as there is room, for
    /// those that begin alike. Sequences that find none wait, and the newest gives way; info().context_length is what one
    /// alone finds room for. OutOfMemory where that is not even one token's. Before any sequence; 0, as at first: without end.
    virtual Result<void> limit_states(std::uint64_t bytes) = 0;
    /// No sequence gets longer than so many tokens, though the model could: info().context_length. Before any sequence.
    virtual void limit_context(std::int64_t tokens) = 0;
    /// Bytes of what a sequence of so many tokens remembers.
    virtual std::uint64_t state_bytes(std::int64_t tokens) const = 0;
    /// Takes from the system what a sequence of info().context_length tokens remembers, so that none fails for want of it.
    /// OutOfMemory: then the model is of no use.
    virtual Result<void> reserve_states() = 0;
    virtual StateUse state_use() const = 0;

    /// Takes a sequence in. ContextLength, InvalidArgument (empty prompt, id outside the vocabulary…).
    virtual Result<SequenceId> add(SequenceRequest request) = 0;
    /// One pass over all live sequences: a new token of each, and prompts up to LoadOptions::prefill_chunk tokens in
    /// total. Finished ones are gone afterwards.
    virtual Result<std::vector<SequenceUpdate>> step() = 0;
    /// Drops a sequence at once; unknown ids are ignored. No update follows.
    virtual void cancel(SequenceId id) = 0;
    virtual std::size_t live_sequences() const = 0;

    /// Shows it every pass from the next on; null: nothing.
    virtual void set_hook(std::shared_ptr<ResidualHook> hook) = 0;

    /// Logits at every position of `ids`, row-major [ids, vocab] float32. For evaluation: does not touch live sequences.
    virtual Result<std::vector<float>> logits(std::span<const std::int32_t> ids) = 0;

    /// A vector of length one for each text, [ModelInfo::embedding_size] float32. Does not touch live sequences; all of them in
    /// one call, so that whoever has many hands them over in parts. ContextLength, InvalidArgument; Unsupported where the
    /// repository's pooling is none that is known.
    virtual Result<std::vector<std::vector<float>>> embed(std::span<const std::vector<std::int32_t>> texts) = 0;
};

}  // namespace millm::engine
