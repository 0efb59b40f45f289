#pragma once

#include "core/engine/generation/sequence.h"
#include "core/engine/language_model.h"
#include "core/engine/layers/decoder.h"
#include "core/engine/layers/pooling.h"
#include "core/engine/plugin/mask_thread.h"
#include "core/engine/tokenizer/grammar_compiler.h"

#include <functional>
#include <memory>
#include <vector>

namespace millm::engine {

/// A loaded decoder and the sequences it is continuing: continuous batching, one row of the batch a sequence.
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
    Result<SequenceId> add(SequenceRequest request) override;
    Result<std::vector<SequenceUpdate>> step() override;
    void cancel(SequenceId id) override;
    std::size_t live_sequences() const override { return live_.size(); }
    Result<std::vector<float>> logits(std::span<const std::int32_t> ids) override;
    Result<std::vector<std::vector<float>>> embed(std::span<const std::vector<std::int32_t>> texts) override;
    void set_hook(std::shared_ptr<ResidualHook> hook) override { hook_ = std::move(hook); }

private:
    struct Live {
        Sequence sequence;
        SequenceState state;
        bool prefilled() const { return state.length() >= sequence.prompt_size(); }
    };
    Result<void> check(const SequenceRequest &request) const;
    Result<void> check_ids(std::span<const std::int32_t> ids) const;
    /// The rows of one sequence in a pass: its last token, or the next ones of its prompt.
    struct Piece {
        Live *live = nullptr;
        std::int64_t rows = 0;
        /// Is a token chosen behind it? Before the pass is committed.
        bool completes() const { return live->state.length() + rows >= live->sequence.prompt_size(); }
    };
    /// One pass over all of them; memory for their rows is reserved.
    void run(const std::vector<Piece> &pieces, std::vector<SequenceUpdate> &updates);
    /// What the committed pass means for one of them; its logits begin at `row`, which goes on to the next one's.
    static SequenceUpdate judge(const Piece &piece, at::Tensor &logits, std::int64_t &row);
    at::Tensor forward(const Batch &batch);
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
    std::vector<std::unique_ptr<Live>> live_;
    std::unique_ptr<MaskThread> masks_;  ///< started when it is needed first
    SequenceId next_id_ = 1;
    std::shared_ptr<ResidualHook> hook_;
};

}  // namespace millm::engine
