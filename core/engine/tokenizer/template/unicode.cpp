#include "core/engine/tokenizer/template/unicode.h"

#include <unicase.h>
#include <unictype.h>
#include <uniname.h>

#include <cstdint>
#include <cstdlib>

namespace millm::engine::jinja {

namespace {

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, std::size_t &at) {
    const auto byte = [&](std::size_t i) { return char32_t(static_cast<unsigned char>(text[i])); };
    const char32_t first = byte(at);
    const int more = first < 0x80 ? 0 : first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
    if (more == 0) return ++at, first;
    char32_t character = more > 0 ? first & (0x3F >> more) : 0;
    for (int i = 1; i <= more; ++i) {
        if (!continues(text, at + std::size_t(i))) return ++at, U'\uFFFD';
        character = character << 6 | (byte(at + std::size_t(i)) & 0x3F);
    }
    if (more < 0 || (more == 2 && character < 0x800) || (more == 3 && (character < 0x10000 || character > 0x10FFFF))) {
        return ++at, U'\uFFFD';
    }
    at += std::size_t(more) + 1;
    return character;
}

using CaseMapping = std::uint32_t *(const std::uint32_t *, std::size_t, const char *, uninorm_t, std::uint32_t *,
                                    std::size_t *);

Characters map_case(std::u32string_view text, CaseMapping *mapping) {
    if (text.empty()) return {};
    std::size_t size = 0;
    auto *mapped = mapping(reinterpret_cast<const std::uint32_t *>(text.data()), text.size(), "", nullptr, nullptr, &size);
    if (!mapped) return Characters(text);
    Characters out(reinterpret_cast<const char32_t *>(mapped), size);
    std::free(mapped);
    return out;
}

bool is_cased(char32_t c) {
    return is_lower(c) || is_upper(c) || is_title(c);
}

}  // namespace

Characters characters_of(std::string_view text) {
    Characters out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) out.push_back(next_character(text, at));
    return out;
}

void append_utf8(std::string &text, char32_t c) {
    if (c < 0x80) {
        text.push_back(char(c));
        return;
    }
    if (c < 0x800) {
        text.push_back(char(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            text.push_back(char(0xE0 | c >> 12));
        } else {
            text.push_back(char(0xF0 | c >> 18));
            text.push_back(char(0x80 | (c >> 12 & 0x3F)));
        }
        text.push_back(char(0x80 | (c >> 6 & 0x3F)));
    }
    text.push_back(char(0x80 | (c & 0x3F)));
}

std::string utf8_of(std::u32string_view characters) {
    std::string text;
    text.reserve(characters.size());
    for (const auto c : characters) append_utf8(text, c);
    return text;
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) next_character(text, at);
    return count;
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    for (; index > 0 && at < text.size(); --index) next_character(text, at);
    return at;
}

bool is_space(char32_t c) {
    return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_alpha(char32_t c) {
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
}
bool is_decimal(char32_t c) {
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Nd);
}
bool is_digit(char32_t c) {
    return uc_digit_value(c) >= 0;
}
bool is_numeric(char32_t c) {
    return uc_numeric_value(c).denominator != 0;
}
bool is_alnum(char32_t c) {
    return is_alpha(c) || is_decimal(c) || is_digit(c) || is_numeric(c);
}
bool is_lower(char32_t c) {
    return uc_is_property_lowercase(c);
}
bool is_upper(char32_t c) {
    return uc_is_property_uppercase(c);
}
bool is_title(char32_t c) {
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Lt);
}

bool is_printable(char32_t c) {
    return c == ' ' || !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z);
}

bool is_identifier(std::u32string_view name) {
    if (name.empty() || (name[0] != '_' && !uc_is_property_xid_start(name[0]))) return false;
    for (const auto c : name.substr(1)) {
        if (!uc_is_property_xid_continue(c)) return false;
    }
    return true;
}

Characters upper(const Characters &text) {
    return map_case(text, u32_toupper);
}
Characters lower(const Characters &text) {
    return map_case(text, u32_tolower);
}

Characters casefold(const Characters &text) {
    return map_case(text, [](const std::uint32_t *from, std::size_t size, const char *, uninorm_t, std::uint32_t *to,
                             std::size_t *to_size) { return u32_casefold(from, size, "", nullptr, to, to_size); });
}

Characters title(const Characters &text) {
    Characters out;
    bool in_word = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += map_case(std::u32string_view(text).substr(i, 1), in_word ? u32_tolower : u32_totitle);
        in_word = is_cased(text[i]);
    }
    return out;
}

Characters capitalize(const Characters &text) {
    if (text.empty()) return {};
    return map_case(std::u32string_view(text).substr(0, 1), u32_totitle) + lower(text.substr(1));
}

Characters swapcase(const Characters &text) {
    Characters out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto one = std::u32string_view(text).substr(i, 1);
        out += is_upper(text[i])   ? map_case(one, u32_tolower)
               : is_lower(text[i]) ? map_case(one, u32_toupper)
                                   : Characters(one);
    }
    return out;
}

std::optional<char32_t> named_character(const std::string &name) {
    const auto character = unicode_name_character(name.c_str());
    if (character == UNINAME_INVALID) return std::nullopt;
    return char32_t(character);
}

}  // namespace millm::engine::jinja
