#pragma once

#include "core/engine/generation/options.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace millm::engine {

/// The tokens a sequence has so far, with what processors ask of them.
class TokenHistory {
public:
    explicit TokenHistory(std::vector<std::int32_t> prompt);

    void append(std::int32_t id);
    const std::vector<std::int32_t> &tokens() const { return tokens_; }  ///< prompt and generated ones
    std::size_t prompt_size() const { return prompt_size_; }
    /// How often a token stands anywhere, and how often it was generated.
    struct Count {
        std::int64_t anywhere = 0, generated = 0;
    };
    const std::unordered_map<std::int32_t, Count> &counts() const { return counts_; }

private:
    std::vector<std::int32_t> tokens_;
    std::size_t prompt_size_;
    std::unordered_map<std::int32_t, Count> counts_;
};

/// Changes the logits of the next token in place: minus infinity rules a token out. One row of the list in
/// logits_processors.cpp each, applied in its order, which is transformers'.
void process_logits(std::span<float> logits, const SamplingOptions &options, const TokenHistory &history);

/// Whether an option changes anything: greedy choice with no processor reads logits as they are.
bool changes_logits(const SamplingOptions &options);

/// Natural logarithm of the sum of exponentials.
double log_sum_exp(std::span<const float> logits);

}  // namespace millm::engine
