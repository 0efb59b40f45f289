#include "core/engine/tokenizer/byte_level.h"

#include "core/engine/input/utf8.h"

#include <array>
#include <cstdint>

namespace millm::engine {

namespace {

constexpr std::array<std::uint16_t, 0x100> character_of_byte = [] {
    std::array<std::uint16_t, 0x100> table{};
    std::uint16_t next = 0x100;
    for (std::uint16_t byte = 0; byte < table.size(); ++byte) {
        const bool itself = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
        table[byte] = itself ? byte : next++;
    }
    return table;
}();

/// The same backwards, -1 where a character stands for no byte.
constexpr std::array<std::int16_t, 0x144> byte_of_character = [] {
    std::array<std::int16_t, 0x144> table{};
    table.fill(-1);
    for (std::size_t byte = 0; byte < character_of_byte.size(); ++byte)
        table[character_of_byte[byte]] = static_cast<std::int16_t>(byte);
    return table;
}();

}  // namespace

std::string byte_level_spelling(std::string_view bytes) {
    std::string token;
    token.reserve(2 * bytes.size());
    for (const char byte : bytes) append_utf8(token, character_of_byte[static_cast<unsigned char>(byte)]);
    return token;
}

std::string byte_level_bytes(std::string_view token) {
    std::string bytes;
    for (std::size_t i = 0; i < token.size();) {
        const auto first = std::uint8_t(token[i]);
        std::uint32_t character = first;
        if (first >= 0x80) {
            // The table ends below U+0144: two bytes hold all of it.
            if (first < 0xC2 || first > 0xC5 || i + 1 >= token.size()) return std::string(token);
            character = std::uint32_t(first & 0x1F) << 6 | (std::uint8_t(token[++i]) & 0x3F);
        }
        ++i;
        const int byte = character < byte_of_character.size() ? byte_of_character[character] : -1;
        if (byte < 0) return std::string(token);
        bytes.push_back(char(byte));
    }
    return bytes;
}

}  // namespace millm::engine
