#pragma once

#include "core/engine/input/json_value.h"
#include "core/engine/tokenizer/tokenizer_setup.h"

#include <string>

namespace millm::engine {

/// The text of a tokenizer.json made from Mistral's tekken.json, which brings its own pattern and special tokens; those have
/// the first ids. InvalidFile that names the member; Unsupported where the file is so old that it has no special tokens.
Result<std::string> tekken_tokenizer(const JsonValue &file, const TokenizerSetup &setup);

}  // namespace millm::engine
