#include "core/engine/input/utf8.h"

namespace millm::engine {

std::size_t valid_utf8_bytes(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    for (std::size_t at = 0; at < text.size();) {
        const unsigned first = byte(at);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xc2 ? 0
                                   : first < 0xe0 ? 2
                                   : first < 0xf0 ? 3
                                   : first < 0xf5 ? 4
                                                  : 0;
        if (length == 0 || length > text.size() - at) return at;
        for (std::size_t i = 1; i < length; ++i)
            if ((byte(at + i) & 0xc0) != 0x80) return at;
        if (length > 1) {
            // The second byte alone decides about overlong forms, surrogates and what is past the last character.
            const unsigned second = byte(at + 1);
            if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
                (first == 0xf4 && second > 0x8f))
                return at;
        }
        at += length;
    }
    return text.size();
}

void append_utf8(std::string &out, std::uint32_t character) {
    const auto rest = [&](int shift) { out += static_cast<char>(0x80 | (character >> shift & 0x3f)); };
    if (character < 0x80) {
        out += static_cast<char>(character);
    } else if (character < 0x800) {
        out += static_cast<char>(0xc0 | character >> 6);
        rest(0);
    } else if (character < 0x10000) {
        out += static_cast<char>(0xe0 | character >> 12);
        rest(6);
        rest(0);
    } else {
        out += static_cast<char>(0xf0 | character >> 18);
        rest(12);
        rest(6);
        rest(0);
    }
}

}  // namespace millm::engine
