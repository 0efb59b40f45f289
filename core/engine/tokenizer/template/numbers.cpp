#include "core/engine/tokenizer/template/numbers.h"

#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <cmath>
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
    // "nan(...)" is a number in C, not in Python.
    if (!number || number->find('(') != std::string::npos) return std::nullopt;
    return decimal_value(*number);
}

double round_float(double value, std::int64_t digits) {
    if (!std::isfinite(value) || digits > 323) return value;
    if (digits < -308) return std::copysign(0.0, value);
    // The decimal digits of the float itself decide, as in Python.
    if (digits >= 0) return *decimal_value(decimal_text(value, std::chars_format::fixed, int(digits)));
    const auto scientific = decimal_text(value, std::chars_format::scientific, 17);
    const auto exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    const auto kept = exponent + 1 + int(digits);
    if (kept > 0) return *decimal_value(decimal_text(value, std::chars_format::scientific, kept - 1));
    // All digits go: what is left is nothing, or one unit where it was more than half of it.
    const double unit = *decimal_value("1e" + std::to_string(-digits));
    return std::copysign(kept == 0 && std::abs(value) > unit / 2 ? unit : 0.0, value);
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
