#pragma once

#include "core/engine/tokenizer/sentencepiece_model.h"
#include "core/engine/tokenizer/tokenizer_setup.h"

#include <string>

namespace millm::engine {

/// The text of a tokenizer.json made from a SentencePiece model as the class named by the repository uses it; by the file's own
/// settings where the class is another one, as SentencePiece itself would.
/// Unsupported where pieces are whole words, InvalidFile where the vocabulary lacks tokens that stand around a text.
Result<std::string> sentencepiece_tokenizer(const SentencePieceModel &model, const TokenizerSetup &setup);

}  // namespace millm::engine
