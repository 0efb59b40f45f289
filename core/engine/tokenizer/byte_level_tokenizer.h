#pragma once

#include "core/engine/tokenizer/tokenizer_setup.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace millm::engine {

/// Whether that class's way of using vocab.json and merges.txt is known.
bool uses_byte_level_files(std::string_view class_name);

/// The text of a tokenizer.json made from vocab.json and merges.txt, for repositories older than tokenizer.json.
/// Io where those are missing, Unsupported where the class is not one of the above.
Result<std::string> byte_level_tokenizer(const std::filesystem::path &folder, const TokenizerSetup &setup);

}  // namespace millm::engine
