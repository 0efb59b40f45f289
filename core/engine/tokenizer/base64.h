#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millm::engine {

/// RFC 4648 with its usual alphabet and padding.
std::string base64_of(std::string_view bytes);
/// Nothing where a character is none of the alphabet's or the padding is not what the length asks for.
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace millm::engine
