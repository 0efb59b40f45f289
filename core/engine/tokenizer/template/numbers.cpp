#include "core/engine/tokenizer/template/numbers.h"

#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace millm::engine::jinja {

namespace {

/// Without spaces around and single underscores between digits; nothing where an underscore stands elsewhere.
std::optional<std::string> cleaned(const std::string &text) {
    auto characters = characters_of(text);
    while (!characters.empty() && is_space(characters.back())) characters.pop_back();
    std::size_t begin = 0;
    while (begin < characters.size() && is_space(characters[begin])) ++begin;
    std::string out;
    for (std::size_t i = begin; i < characters.size(); ++i) {
        const auto c = characters[i];
        if (c >= 0x80) return std::nullopt;
        const auto alnum = [&](std::size_t at) { return at >= begin && at < characters.size() && is_alnum(characters[at]); };
        if (c == '_' && (i == 0 || !alnum(i - 1) || !alnum(i + 1))) return std::nullopt;
        if (c != '_') out += char(c);
    }
    return out;
}

}  // namespace

std::optional<Integer> parse_int(const std::string &text, int base) {
    auto digits = cleaned(text);
    if (!digits || (base != 0 && (base < 2 || base > 36))) return std::nullopt;
    std::string sign;
    if (digits->starts_with('-') || digits->starts_with('+')) {
        sign = digits->substr(0, 1);
        digits->erase(0, 1);
    }
    const auto prefix = [&](char letter, int its_base) {
        if (digits->size() < 3 || (*digits)[0] != '0' || ((*digits)[1] | 32) != letter || (base != 0 && base != its_base))
            return false;
        digits->erase(0, 2);
        base = its_base;
        return true;
    };
    if (!prefix('x', 16) && !prefix('o', 8) && !prefix('b', 2) && base == 0) base = 10;
    if (digits->starts_with('-') || digits->starts_with('+')) return std::nullopt;
    return Integer::parse(sign + *digits, base);
}

std::optional<double> parse_float(const std::string &text) {
    const auto number = cleaned(text);
    if (!number || number->empty()) return std::nullopt;
    // strtod also reads hexadecimal and "nan(...)", Python does not.
    if (number->find_first_of("xX(pP") != std::string::npos) return std::nullopt;
    char *end = nullptr;
    const double value = std::strtod(number->c_str(), &end);
    if (end != number->c_str() + number->size()) return std::nullopt;
    return value;
}

double round_float(double value, std::int64_t digits) {
    if (!std::isfinite(value) || digits > 323) return value;
    if (digits < -308) return std::copysign(0.0, value);
    if (digits < 0) {
        const double scale = std::pow(10.0, double(-digits));
        return std::nearbyint(value / scale) * scale;
    }
    // The decimal digits of the float itself decide, as in Python.
    char buffer[700];
    std::snprintf(buffer, sizeof buffer, "%.*f", int(digits), value);
    return std::strtod(buffer, nullptr);
}

Integer round_integer(const Integer &value, std::int64_t digits) {
    if (digits >= 0) return value;
    if (digits < -1000) return Integer(0);
    const auto unit = power(Integer(10), Integer(-digits));
    const auto down = floor_divide(value, unit), rest = floor_modulo(value, unit);
    const auto twice = rest + rest;
    const bool up = twice > unit || (twice == unit && !floor_modulo(down, Integer(2)).zero());
    return (up ? down + Integer(1) : down) * unit;
}

}  // namespace millm::engine::jinja
