#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine {

/// A token that a configuration file describes besides the vocabulary.
struct ConfiguredToken {
    std::string content;
    std::int64_t id = -1;  ///< -1 where the file gives none
    bool special = false;
    bool single_word = false, lstrip = false, rstrip = false, normalized = false;
};

/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say about tokens.
struct SpecialTokens {
    /// ("bos_token", "<s>")…: every member named …_token that holds a token, those with null left out, and the members of
    /// extra_special_tokens where that is an object.
    std::vector<std::pair<std::string, std::string>> named;
    std::vector<std::string> additional;  ///< additional_special_tokens, extra_special_tokens where that is a list
    std::vector<ConfiguredToken> tokens;  ///< all of them, those with ids first and in their order
};

/// Missing files say nothing; broken ones are InvalidFile.
Result<SpecialTokens> read_special_tokens(const std::filesystem::path &folder);

}  // namespace millm::engine
