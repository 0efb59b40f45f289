#pragma once

#include <string>
#include <string_view>

namespace millm::engine {

/// GPT-2's way of spelling bytes as characters: printable Latin-1 is itself, the other bytes lie from U+0100 on in their order.
std::string byte_level_spelling(std::string_view bytes);
/// The bytes of a token spelled so; the token as it is where a character stands for none.
std::string byte_level_bytes(std::string_view token);

}  // namespace millm::engine
