#pragma once

#include "core/engine/generation/logits_processors.h"
#include "core/engine/result.h"

#include <cstdint>
#include <random>
#include <span>

namespace millm::engine {

/// Chooses the tokens of one sequence. With a seed the choices depend on nothing but seed and logits.
class Sampler {
public:
    explicit Sampler(SamplingOptions options);

    /// The next token of processed or raw logits [vocab]; `logits` is scratch afterwards. InvalidFile-like trouble in the
    /// weights shows as NaN: Internal.
    Result<std::int32_t> choose(std::span<float> logits, const TokenHistory &history);
    const SamplingOptions &options() const { return options_; }

private:
    SamplingOptions options_;
    std::mt19937_64 random_;
};

/// What is said where the largest logit is none.
Error logits_not_finite();

/// InvalidArgument where an option lies outside its range; `vocab` bounds the ids of logit_bias.
Result<void> check_sampling(const SamplingOptions &options, std::int64_t vocab);

/// A token's logarithmic probability with the `top` most likely ones beside it, of unmodified logits.
GeneratedToken describe_token(std::int32_t id, std::span<const float> logits, int top);

}  // namespace millm::engine
