#pragma once

#include "core/engine/generation/grammar.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine {

/// How the next token is chosen. Order of processors: logit bias, penalties, no-repeat n-grams, temperature,
/// top-k, top-p, min-p, typical-p.
struct SamplingOptions {
    double temperature = 1.0;  ///< 0 = greedy
    double top_p = 1.0;        ///< (0, 1]
    std::int64_t top_k = 0;    ///< 0 = off
    double min_p = 0.0;        ///< [0, 1]
    double repetition_penalty = 1.0;
    double frequency_penalty = 0.0;  ///< OpenAI's, over generated tokens
    double presence_penalty = 0.0;
    std::vector<std::pair<std::int32_t, float>> logit_bias;
    std::optional<std::uint64_t> seed;
    double typical_p = 1.0;            ///< (0, 1]; locally typical sampling
    std::int64_t no_repeat_ngram = 0;  ///< n-grams of this length occur once; 0 = off
};

struct StopConditions {
    std::int64_t max_new_tokens = 0;        ///< 0 = what is left of the context
    std::vector<std::int32_t> stop_tokens;  ///< besides the model's own
    std::vector<std::string> stop_strings;  ///< never part of the text handed out
    bool ignore_eos = false;
    std::int64_t min_new_tokens = 0;  ///< no stop token comes before these
};

/// One sequence to be continued.
struct SequenceRequest {
    std::vector<std::int32_t> prompt;
    SamplingOptions sampling;
    StopConditions stop;
    int top_logprobs = -1;                    ///< -1 none, 0 only the chosen token's, n the n best too
    bool prompt_logprobs = false;             ///< also of the prompt's tokens (echo)
    bool skip_special_tokens = true;          ///< in the text
    std::vector<std::int32_t> shown_special;  ///< those that are part of it nevertheless
    /// The text goes on where the prompt's ends, instead of beginning anew: some tokenizers drop a blank at a beginning.
    bool continue_prompt_text = false;
    std::shared_ptr<const CompiledGrammar> grammar;  ///< of the same model; null: any text
};

struct TokenLogprob {
    std::int32_t id = 0;
    float logprob = 0;  ///< natural logarithm, of the unmodified distribution
};

struct GeneratedToken {
    std::int32_t id = 0;
    float logprob = 0;
    std::vector<TokenLogprob> top;
};

enum class FinishReason : std::uint8_t { None, Stop, Length, Cancelled, Failed };

using SequenceId = std::uint64_t;

/// What one step did for one sequence.
struct SequenceUpdate {
    SequenceId id = 0;
    std::vector<GeneratedToken> tokens;  ///< new ones, the stop token included
    std::string text;                    ///< new text, whole UTF-8 characters, stop strings cut away
    FinishReason finish = FinishReason::None;
    std::string stop_string;              ///< the one that ended it
    std::int64_t prompt_tokens_done = 0;  ///< prefilled so far
    std::vector<GeneratedToken>
        prompt;  ///< once, when prefill ends, if prompt_logprobs: one per prompt token, the first without a logprob (0)
    std::optional<Error> error;             ///< with FinishReason::Failed
    std::int64_t prompt_tokens_reused = 0;  ///< of them, those that another sequence had computed
    double mask_microseconds = 0;           ///< that the grammar took to say which tokens may come
    double queue_seconds = 0;               ///< from add() to the pass that began its prompt
};

}  // namespace millm::engine
