#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// What a SentencePiece file (tokenizer.model, spiece.model…) holds, as far as text becomes pieces by it.
struct SentencePieceModel {
    enum class Algorithm : std::uint8_t { Unigram = 1, Bpe, Word, Character };
    enum class Kind : std::uint8_t { Normal = 1, Unknown, Control, UserDefined, Unused, Byte };
    struct Piece {
        std::string text;
        float score = 0;  ///< finite
        Kind kind = Kind::Normal;
    };

    std::vector<Piece> pieces;  ///< at least one; a piece's id is its place
    Algorithm algorithm = Algorithm::Unigram;
    bool byte_fallback = false;
    std::int32_t unknown_id = 0, begin_id = 1, end_id = 2;  ///< -1 where there is none
    std::string unknown_piece = "<unk>", begin_piece = "<s>", end_piece = "</s>";
    std::string character_map;  ///< of the normalizer, as SentencePiece compiled it; empty where it changes nothing
    bool dummy_prefix = true, remove_extra_blanks = true, escape_blanks = true;

    /// Reads the file's bytes. InvalidFile where they are no such file, or a piece is no UTF-8 or has no finite score.
    static Result<SentencePieceModel> parse(std::string_view bytes);
};

}  // namespace millm::engine
