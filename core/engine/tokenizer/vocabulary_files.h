#pragma once

#include "core/engine/result.h"

#include <filesystem>
#include <string>

namespace millm::engine {

/// The text of a tokenizer.json made from vocab.json and merges.txt, for repositories older than tokenizer.json.
/// Io where those are missing, Unsupported where the tokenizer's class is not one whose way of using them is known.
Result<std::string> tokenizer_json_from_vocabulary(const std::filesystem::path &folder);

}  // namespace millm::engine
