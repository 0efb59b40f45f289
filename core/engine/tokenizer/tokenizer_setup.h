#pragma once

#include "core/engine/input/json_value.h"
#include "core/engine/tokenizer/special_tokens.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace millm::engine {

/// What a repository's configuration says about a tokenizer that is made of a vocabulary alone.
struct TokenizerSetup {
    /// The name of transformers' class without "Fast": tokenizer_config.json's or config.json's tokenizer_class, else what
    /// config.json's model_type is known to use; empty where none of them tells.
    std::string class_name;
    /// Such models' repositories name a class that their files do not fit; a SentencePiece file's own settings count.
    bool class_misnamed = false;
    JsonValue config;  ///< tokenizer_config.json
    SpecialTokens special;

    /// InvalidFile, Io where a file cannot be read.
    static Result<TokenizerSetup> read(const std::filesystem::path &folder);

    /// A token by its name ("bos_token"); `usual` where the configuration does not mention it (null: none). Nothing where it
    /// says null.
    std::optional<std::string> named(std::string_view name, const char *usual) const;
    /// A member of tokenizer_config.json; `usual` where it is absent or null.
    bool flag(std::string_view key, bool usual) const;
};

}  // namespace millm::engine
