#pragma once

#include "core/engine/result.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>

namespace millm::engine {

/// The tokenizer of a repository: tokenizer.json, else one made of what there is of vocab.json with merges.txt, a SentencePiece
/// model, tiktoken's ranks, tekken.json and vocab.txt, where the class that the repository names tells how it is used. Tokens
/// that only tokenizer_config.json, special_tokens_map.json or added_tokens.json name are added. Io: a file is missing or
/// cannot be read. InvalidFile: it contradicts itself. Unsupported: only other kinds of files.
Result<std::unique_ptr<Tokenizer>> open_tokenizer(const std::filesystem::path &folder);

/// The chat template of a repository; see ChatTemplate. Unsupported where the folder has none, Template where it cannot
/// be parsed (the message names the line).
Result<std::unique_ptr<ChatTemplate>> open_chat_template(const std::filesystem::path &folder);

}  // namespace millm::engine
