#include "core/engine/tokenizer/utf8_pieces.h"

namespace millm::engine {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

}  // namespace

std::string Utf8Pieces::push(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size();) {
        const auto byte = std::uint8_t(bytes[i]);
        if (m_missing > 0) {
            if (byte < m_low || byte > m_high) {
                // The character ends here; the byte begins another one.
                text += replacement;
                m_begun.clear();
                m_missing = 0;
                continue;
            }
            m_low = 0x80;
            m_high = 0xBF;
            m_begun.push_back(char(byte));
            ++i;
            if (--m_missing == 0) {
                text += m_begun;
                m_begun.clear();
            }
            continue;
        }
        ++i;
        if (byte < 0x80) {
            text.push_back(char(byte));
        } else if (byte < 0xC2 || byte > 0xF4) {
            text += replacement;
        } else {
            m_begun.assign(1, char(byte));
            m_missing = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            // No overlong forms, no surrogates, nothing above U+10FFFF.
            m_low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
            m_high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
        }
    }
    return text;
}

std::string Utf8Pieces::finish() {
    const bool unfinished = m_missing > 0;
    *this = Utf8Pieces();
    return unfinished ? std::string(replacement) : std::string();
}

}  // namespace millm::engine
