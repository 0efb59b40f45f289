#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace millm::engine {

// Numbers with a decimal point whatever the process's locale is: Qt sets the user's, and strtod, printf and
// std::to_string(double) follow it.

/// As printf's %.*f, %.*e and %.*g write it: `precision` digits, exactly rounded, halves to even.
inline std::string decimal_text(double value, std::chars_format format, int precision) {
    // 309 digits in front of the point, and what no precision counts: sign, point, exponent.
    std::string text(static_cast<std::size_t>(precision) + 330, '\0');
    text.resize(static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), value, format, precision).ptr -
                                         text.data()));
    return text;
}

/// The shortest digits that read back as the same number, for messages: "0.1", "1e-45".
inline std::string decimal_text(double value) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// Infinity or zero for digits that no double holds.
inline double beyond_double(std::string_view digits) {
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const std::size_t letter = std::min(digits.find_first_of("eE"), digits.size());
    std::int64_t exponent = 0;
    if (letter < digits.size()) {
        std::string_view power = digits.substr(letter + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
        constexpr std::int64_t most = std::int64_t{1} << 40;
        if (error != std::errc()) exponent = power.starts_with('-') ? -most : most;
    }
    const std::string_view mantissa = digits.substr(0, letter);
    const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
    const auto first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
    const double value = point - first + exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return negative ? -value : value;
}

/// The number that is all of `text` ("2.5", "-1e-3", "inf"), as strtod reads it in the C locale but for hexadecimal; nothing
/// for anything else.
inline std::optional<double> decimal_value(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
    return error == std::errc::result_out_of_range ? beyond_double(text) : value;
}

}  // namespace millm::engine
