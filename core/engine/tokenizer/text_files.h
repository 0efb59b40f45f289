#pragma once

#include "core/engine/input/json_value.h"
#include "core/engine/result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

// Which of a repository's files are its tokenizer and its chat templates: told by names and small JSON files, so that a
// repository is described without its vocabulary and without the library that reads it.

/// What a tokenizer is made of.
enum class TokenizerKind : std::uint8_t {
    None,
    TokenizerJson,  ///< tokenizer.json, as the reference library writes it
    ByteLevel,      ///< vocab.json and merges.txt
    SentencePiece,  ///< tokenizer.model; what it holds has the last word, it may be a list of ranks
    Tiktoken,       ///< a list of ranks
    Tekken,         ///< tekken.json
    WordPiece,      ///< vocab.txt
};
std::string_view id_of(TokenizerKind kind);  ///< "sentencepiece"

struct TokenizerFiles {
    TokenizerKind kind = TokenizerKind::None;
    std::vector<std::string> files;
};
/// Picks from the names of a repository's files (paths from its root) what is read of them. `class_name`: tokenizer_class().
TokenizerFiles choose_tokenizer_files(std::span<const std::string> names, std::string_view class_name);

/// The name of transformers' class without "Fast": tokenizer_config.json's or config.json's tokenizer_class, else what
/// config.json's model_type is known to use; empty where none of them tells. Either may be null.
std::string tokenizer_class(const JsonValue &tokenizer_config, const JsonValue &config);

/// Names of the chat templates that are files of their own, sorted: "default" is chat_template.jinja, the others lie in
/// additional_chat_templates. Where there is one, no JSON file is asked.
std::vector<std::string> chat_templates_of_files(std::span<const std::string> names);

using TemplateTexts = std::map<std::string, std::string>;  ///< by name
/// The chat_template member of tokenizer_config.json or chat_template.json: a text, or a list of {name, template}. InvalidFile,
/// naming `file`, where it is anything else.
Result<TemplateTexts> chat_templates_of(const JsonValue &object, const std::string &file);

}  // namespace millm::engine
