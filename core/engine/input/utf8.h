#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace millm::engine {

/// How many bytes from the start are UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
std::size_t valid_utf8_bytes(std::string_view text);
/// Appends a character; it is one (no surrogate, at most U+10FFFF).
void append_utf8(std::string &out, std::uint32_t character);

}  // namespace millm::engine
