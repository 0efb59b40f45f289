#pragma once

#include "core/engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// Every token that ends a text: config.json's (given), generation_config.json's, and the end token that the tokenizer's own
/// files name, which chat models end a turn with where the configs know only the end of a document. Each once. `remarks` gets
/// why a file is not read.
std::vector<std::int32_t> end_tokens(std::span<const std::int32_t> of_config, const std::filesystem::path &folder,
                                     const Tokenizer &tokenizer, std::int64_t vocab, std::vector<std::string> &remarks);

/// The special token that the chat template writes behind an answer; empty where it writes none.
std::vector<std::int32_t> turn_end_tokens(const ChatTemplate &chat, const Tokenizer &tokenizer, std::int64_t vocab);

}  // namespace millm::engine
