#pragma once

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
    /// `limit`: tokens at most, prompt included. `eos`: the model's own stop tokens. `tokenizer` outlives this.
    Sequence(SequenceId id, SequenceRequest request, std::int64_t limit, std::span<const std::int32_t> eos,
             const Tokenizer &tokenizer);

    SequenceId id() const { return id_; }
    const std::vector<std::int32_t> &tokens() const { return history_.tokens(); }
    std::int64_t prompt_size() const { return static_cast<std::int64_t>(history_.prompt_size()); }
    bool wants_prompt_logprobs() const { return request_.prompt_logprobs; }

    /// Logits [vocab] behind prompt token `position`: they judge the one after it.
    void judge_prompt(std::int64_t position, std::span<const float> logits);
    /// The prompt's tokens as the update tells them.
    std::vector<GeneratedToken> take_prompt();
    /// Chooses from logits [vocab], scratch afterwards, and puts the token, its text and the end into `update`.
    void choose(std::span<float> logits, SequenceUpdate &update);

private:
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
};

}  // namespace millm::engine
