#pragma once

#include "core/engine/tokenizer/tokenizer_setup.h"

#include <string>
#include <string_view>

namespace millm::engine {

/// Whether a file begins like a list of tiktoken's ranks: a token in base64, a blank, a number.
bool is_tiktoken_file(std::string_view bytes);

/// The text of a tokenizer.json made from a list of ranks (its bytes), split and completed with special tokens as the class
/// named in tokenizer_config.json does it; as Llama 3 does it where the class is another one. InvalidFile where a line is no
/// rank or the ranks are not 0, 1, 2…
Result<std::string> tiktoken_tokenizer(std::string_view file, const TokenizerSetup &setup);

}  // namespace millm::engine
