#pragma once

#include "core/engine/generation/sequence.h"
#include "core/engine/language_model.h"
#include "core/engine/layers/decoder.h"
#include "core/engine/layers/pooling.h"
#include "core/engine/plugin/mask_thread.h"
#include "core/engine/plugin/state_pool.h"
#include "core/engine/tokenizer/grammar_compiler.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace millm::engine {

/// A loaded decoder and the sequences it is continuing: continuous batching. A step takes one row of each sequence that goes on
/// and pieces of prompts, the oldest first, up to prefill_chunk rows of them.
class RunningModel : public LanguageModel {
public:
    RunningModel(std::unique_ptr<Decoder> decoder, Result<Pooling> pooling, ModelInfo info, std::int64_t prefill_chunk,
                 std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<ChatTemplate> chat_template);
    ~RunningModel() override;  ///< gives the memory back to the system

    const ModelInfo &info() const override { return info_; }
    const Tokenizer &tokenizer() const override { return *tokenizer_; }
    const ChatTemplate *chat_template() const override { return chat_template_.get(); }
    Result<std::shared_ptr<const CompiledGrammar>> compile(const Grammar &grammar) const override;
    std::uint64_t memory_bytes() const override;
    MemoryParts memory() const override;
    Result<void> limit_states(std::uint64_t bytes) override;
    void limit_context(std::int64_t tokens) override;
    std::uint64_t state_bytes(std::int64_t tokens) const override { return states_.bytes_of(tokens); }
    Result<void> reserve_states() override;
    StateUse state_use() const override;
    Result<SequenceId> add(SequenceRequest request) override;
    Result<std::vector<SequenceUpdate>> step() override;
    void cancel(SequenceId id) override;
    std::size_t live_sequences() const override { return live_.size(); }
    Result<std::vector<float>> logits(std::span<const std::int32_t> ids) override;
    Result<std::vector<std::vector<float>>> embed(std::span<const std::vector<std::int32_t>> texts) override;
    void set_hook(std::shared_ptr<ResidualHook> hook) override;

private:
    struct Live {
        Sequence sequence;
        SequenceState state;      ///< of no layer while it waits
        bool running = false;     ///< has a place among those that remember; the others wait in order
        std::int64_t reused = 0;  ///< tokens of the prompt that its state began with
        std::chrono::steady_clock::time_point added = std::chrono::steady_clock::now();
        std::optional<double> queued = {};  ///< seconds, once its prompt is begun

        /// Tokens that have still to pass the layers: one of a sequence that goes on, more of a prompt, or of a sequence that
        /// gave way and begins again.
        std::int64_t pending() const { return static_cast<std::int64_t>(sequence.tokens().size()) - state.length(); }
    };
    std::uint64_t live_bytes() const;
    /// Gives places to those that wait, in order, while there is room for all of their tokens.
    void admit();
    /// Room for so many rows of it; who came after it gives way. False: it gave way itself.
    bool make_room(Live &live, std::int64_t rows);
    void preempt(Live &live);
    /// Takes a sequence that ended out. `remembers`: others may go on from what it remembered.
    void retire(SequenceId id, bool remembers);
    Result<void> check(const SequenceRequest &request) const;
    Result<void> check_ids(std::span<const std::int32_t> ids) const;
    /// The rows of one sequence in a pass: its last token, or the next ones of its prompt.
    struct Piece {
        Live *live = nullptr;
        std::int64_t rows = 0;
        /// Is a token chosen behind it? Before the pass is committed.
        bool completes() const { return rows >= live->pending(); }
    };
    /// One pass over all of them; memory for their rows is reserved.
    void run(const std::vector<Piece> &pieces, std::vector<SequenceUpdate> &updates);
    /// What a pass gave, on the CPU: logits [judged rows, vocab], or the places of their largest where nobody asks for more.
    struct Outcome {
        at::Tensor logits, likeliest;
    };
    Outcome compute(const std::vector<Piece> &pieces, const Batch &batch, const std::vector<std::int64_t> &judged);
    /// What the committed pass means for one of them; its logits begin at `row`, which goes on to the next one's.
    static SequenceUpdate judge(const Piece &piece, Outcome &outcome, std::int64_t &row);
    at::Tensor forward(const Batch &batch);
    /// What a pass took beside weights and states.
    void note_workspace(std::uint64_t taken, const Batch &batch);
    /// Passes a text of its own by the layers, in pieces of prefill_chunk: `take` gets each piece's first token and what the
    /// layers give for it, [rows, hidden].
    void pass(std::span<const std::int32_t> ids, const std::function<void(std::int64_t, const at::Tensor &)> &take);
    /// The same for whole texts side by side, behind the last norm: [tokens of all, hidden].
    at::Tensor pass_together(std::span<const std::vector<std::int32_t>> texts);

    std::unique_ptr<Decoder> decoder_;
    Result<Pooling> pooling_;
    ModelInfo info_;
    std::int64_t prefill_chunk_;
    std::unique_ptr<Tokenizer> tokenizer_;
    std::unique_ptr<ChatTemplate> chat_template_;
    std::unique_ptr<GrammarCompiler> grammars_;
    StatePool states_;
    std::vector<std::unique_ptr<Live>> live_;  ///< in the order in which they came
    bool holds_ = false;                       ///< somebody gave way, and nobody has ended since
    std::uint64_t preempted_ = 0;
    std::uint64_t workspace_ = 0;        ///< bytes that a pass took at most, beside weights and states
    std::unique_ptr<MaskThread> masks_;  ///< started when it is needed first
    SequenceId next_id_ = 1;
    std::shared_ptr<ResidualHook> hook_;
};

}  // namespace millm::engine
