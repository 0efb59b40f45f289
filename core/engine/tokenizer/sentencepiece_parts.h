#pragma once

#include "core/engine/tokenizer/made_tokenizer.h"
#include "core/engine/tokenizer/sentencepiece_model.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// What the classes that use a SentencePiece model have in common.
namespace millm::engine::sentencepiece {

inline constexpr const char *blank_mark = "\u2581";

/// A vocabulary with scores, of which Unigram finds the best row of pieces.
using ScoredPieces = std::vector<std::pair<std::string, double>>;
ScoredPieces scored_pieces(const SentencePieceModel &model, std::size_t from = 0);
void become_unigram(MadeTokenizer &made, const ScoredPieces &pieces, std::int64_t unknown_id, bool byte_fallback);

struct BpeSettings {
    JsonValue unknown;  ///< the token's spelling, null for none
    bool byte_fallback = true;
    bool whole_tokens_first = false;
};
/// `names`: of the pieces, by id.
void become_bpe(MadeTokenizer &made, const std::vector<std::string> &names, JsonValue merges, BpeSettings settings);
std::vector<std::string> names_of(const SentencePieceModel &model);
/// Merges in the order of the pieces' ids: Llama's and Gemma's pieces are sorted by their scores.
Result<JsonValue> merges_by_id(const std::vector<std::string> &names);
/// Merges of normal pieces in the order of their scores, as SentencePiece merges them.
Result<JsonValue> merges_by_score(const SentencePieceModel &model, const std::vector<std::string> &names);

/// Control and user-defined pieces are found before all else.
void add_whole_pieces(MadeTokenizer &made, const SentencePieceModel &model);
/// The normalizer that the file brings, where it brings one.
JsonValue::List character_map_if_any(const SentencePieceModel &model);
/// A text's tokens put together again: marks become blanks, byte tokens bytes, and the blank that was put in front goes.
JsonValue piece_decoder(bool byte_fallback, bool strip);

using Maker = Result<void>(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made);
/// By the file's own settings, as SentencePiece itself would.
Maker as_the_file_says;
// By the classes, as transformers makes them.
Maker as_llama, as_gemma, as_t5, as_xlm_roberta, as_xglm, as_camembert, as_albert;

}  // namespace millm::engine::sentencepiece
