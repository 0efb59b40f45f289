#pragma once

#include "core/engine/tokenizer/tokenizer_setup.h"

#include <filesystem>
#include <string>

namespace millm::engine {

/// The text of a tokenizer.json made from vocab.json and merges.txt, for repositories older than tokenizer.json.
/// Io where those are missing, Unsupported where how the class uses them is not known.
Result<std::string> byte_level_tokenizer(const std::filesystem::path &folder, const TokenizerSetup &setup);

}  // namespace millm::engine
