#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millm::engine {

/// Turns bytes that come in pieces into UTF-8 text in whole characters. What cannot be a character becomes U+FFFD, one
/// for each longest beginning of a character, as Rust and browsers do it, so that the pieces equal the whole.
class Utf8Pieces {
public:
    std::string push(std::string_view bytes);
    /// An unfinished character becomes U+FFFD.
    std::string finish();

private:
    std::string m_begun;        // bytes of an unfinished character
    int m_missing = 0;          // continuation bytes it still needs
    std::uint8_t m_low = 0x80;  // the range its next byte must be in
    std::uint8_t m_high = 0xBF;
};

}  // namespace millm::engine
