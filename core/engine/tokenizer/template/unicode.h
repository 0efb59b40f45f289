#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millm::engine::jinja {

/// Text as a row of code points, as Python's str counts it.
using Characters = std::u32string;

/// UTF-8 to code points. Lone surrogates written as three bytes are kept; other bytes that are no UTF-8 become U+FFFD.
Characters characters_of(std::string_view text);
std::string utf8_of(std::u32string_view characters);
void append_utf8(std::string &text, char32_t character);
std::size_t count_characters(std::string_view text);
/// The byte where the character number `index` begins, or the text's size.
std::size_t byte_of_character(std::string_view text, std::size_t index);

// What Python's str methods of these names ask of one character.
bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_decimal(char32_t c);
bool is_digit(char32_t c);
bool is_numeric(char32_t c);
bool is_alnum(char32_t c);
bool is_lower(char32_t c);
bool is_upper(char32_t c);
bool is_title(char32_t c);
bool is_printable(char32_t c);
bool is_identifier(std::u32string_view name);

// Full case mappings, as Python's str methods of these names make them.
Characters upper(const Characters &text);
Characters lower(const Characters &text);
Characters title(const Characters &text);
Characters capitalize(const Characters &text);
Characters swapcase(const Characters &text);
Characters casefold(const Characters &text);

/// The character that \N{name} stands for.
std::optional<char32_t> named_character(const std::string &name);

}  // namespace millm::engine::jinja
