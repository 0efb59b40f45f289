#pragma once

#include "core/engine/generation/grammar.h"
#include "core/engine/generation/options.h"
#include "core/engine/generation/sampler.h"
#include "core/engine/generation/stop_strings.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace millm::engine {

/// One sequence being continued, apart from its keys and values: what was chosen, what of it may be told, when it ends.
class Sequence {
public:
    /// `limit`: tokens at most, prompt included. `eos`: the model's own stop tokens. `tokenizer` outlives this. `constraint`:
    /// of the request's grammar, where it has one.
    Sequence(SequenceId id, SequenceRequest request, std::int64_t limit, std::span<const std::int32_t> eos,
             const Tokenizer &tokenizer, std::unique_ptr<Constraint> constraint = nullptr);

    SequenceId id() const { return id_; }
    const std::vector<std::int32_t> &tokens() const { return history_.tokens(); }
    std::int64_t prompt_size() const { return static_cast<std::int64_t>(history_.prompt_size()); }
    /// Tokens that were chosen.
    std::int64_t generated() const { return static_cast<std::int64_t>(tokens().size()) - prompt_size(); }
    /// Whether the prompt's tokens are still to be judged.
    bool wants_prompt_logprobs() const { return request_.prompt_logprobs && generated() == 0; }

    /// Logits [vocab] behind prompt token `position`: they judge the one after it.
    void judge_prompt(std::int64_t position, std::span<const float> logits);
    /// The prompt's tokens as the update tells them.
    std::vector<GeneratedToken> take_prompt();
    /// Whether a grammar has a say in the next token.
    bool constrained() const { return constraint_ != nullptr && after_.empty(); }
    /// Asks the grammar which tokens may come, which choose() does itself otherwise. In any thread, while nobody else uses
    /// this.
    void prepare();
    /// Chooses from logits [vocab], scratch afterwards, and puts the token, its text and the end into `update`.
    void choose(std::span<float> logits, SequenceUpdate &update);
    /// Whether the next token is that of the largest logit, and nothing else of the logits is told.
    bool takes_likeliest() const;
    /// choose() where it is: `token`, or -1 where there is none since the logits are no finite numbers.
    void take_likeliest(std::int32_t token, SequenceUpdate &update);

private:
    /// Goes on with a token that was chosen.
    void accept(GeneratedToken chosen, SequenceUpdate &update);
    /// Tokens that must not come next get minus infinity. Internal where none is left.
    Result<void> rule_out(std::span<float> logits);
    /// Tells the constraint what was chosen.
    Result<void> follow(std::int32_t token);
    void end(SequenceUpdate &update, FinishReason reason);

    SequenceId id_;
    SequenceRequest request_;
    std::int64_t limit_;
    std::vector<std::int32_t> stop_tokens_;
    TokenHistory history_;
    Sampler sampler_;
    StopStrings stop_strings_;
    const Tokenizer &tokenizer_;
    std::unique_ptr<StreamDecoder> stream_;
    std::vector<GeneratedToken> prompt_;
    std::unique_ptr<Constraint> constraint_;
    std::string after_, written_;  ///< the constraint waits for after_ at the end of written_
    Result<std::span<const std::uint32_t>> mask_ = std::span<const std::uint32_t>();
    bool prepared_ = false;
    double mask_microseconds_ = 0;  ///< of the next update
};

}  // namespace millm::engine
