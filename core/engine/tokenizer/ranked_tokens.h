#pragma once

#include "core/engine/tokenizer/made_tokenizer.h"

#include <cstddef>
#include <string>
#include <vector>

namespace millm::engine {

inline constexpr std::size_t most_ranks = 4'000'000;
/// Special tokens beside the ranks; real models have some hundreds.
inline constexpr std::int64_t most_named_tokens = 100'000;

/// Makes the model of ranked tokens (their bytes, in order) behind special ones, which have the first ids.
Result<void> become_ranks(MadeTokenizer &made, const std::vector<std::string> &special, const std::vector<std::string> &tokens);
/// Splits texts by a regular expression, and spells bytes as characters.
void split_by(MadeTokenizer &made, const std::string &pattern);

}  // namespace millm::engine
