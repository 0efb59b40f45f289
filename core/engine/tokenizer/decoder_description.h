#pragma once

#include "core/engine/input/json_value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millm::engine {

/// What a tokenizer's decoder does to a single token, as far as that can be said of one token alone.
struct DecoderDescription {
    bool byte_level = false;        ///< every character of a token stands for one byte
    bool only_byte_level = false;   ///< and nothing else happens: text is the tokens' bytes in a row
    bool byte_fallback = false;     ///< tokens like <0x0A> are bytes
    std::string word_piece_prefix;  ///< "##"; empty where there is none
    std::vector<std::pair<std::string, std::string>> replacements;

    /// From the decoder part of tokenizer.json.
    static DecoderDescription of(const JsonValue &decoder);

    bool is_byte_token(std::string_view token) const;
    /// The bytes a token stands for in the text.
    std::string bytes_of(std::string_view token) const;
};

}  // namespace millm::engine
