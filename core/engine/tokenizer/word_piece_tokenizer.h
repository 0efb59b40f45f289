#pragma once

#include "core/engine/tokenizer/tokenizer_setup.h"

#include <string>
#include <string_view>

namespace millm::engine {

/// The text of a tokenizer.json made from a vocab.txt (its bytes), a token a line, as BERT and its like have it.
/// InvalidFile where it is not UTF-8 or lacks the tokens that stand around a text, Unsupported where another class uses it.
Result<std::string> word_piece_tokenizer(std::string_view file, const TokenizerSetup &setup);

}  // namespace millm::engine
