#include "core/engine/tokenizer/template/formatting.h"

#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace millm::engine::jinja {

namespace {

struct Layout {
    std::string fill = " ";
    char align = 0;  ///< < > ^ =, 0: by type
    char sign = '-';
    bool alternate = false;
    std::size_t width = 0;
    std::optional<std::size_t> precision;
    char grouping = 0;
    char type = 0;
};

std::string ascii_repr(const std::string &repr) {
    std::string out;
    char buffer[16];
    for (const auto c : characters_of(repr)) {
        if (c < 0x80) {
            out += char(c);
            continue;
        }
        std::snprintf(buffer, sizeof buffer, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", unsigned(c));
        out += buffer;
    }
    return out;
}

/// Digits of a float as %e %f %g write them, without a sign.
std::string float_digits(double value, char type, std::size_t precision, bool alternate) {
    const bool upper_case = type == 'E' || type == 'F' || type == 'G';
    if (!std::isfinite(value)) return std::isnan(value) ? (upper_case ? "NAN" : "nan") : (upper_case ? "INF" : "inf");
    value = std::abs(value);
    const char kind = upper_case ? char(type | 32) : type;
    const auto scientific = std::chars_format::scientific, fixed = std::chars_format::fixed;
    std::string out;
    if (kind == 'g' && !alternate) {
        out = decimal_text(value, std::chars_format::general, int(precision));
    } else if (kind == 'g') {
        // "#": zeros at the end stay, so there are always as many digits as asked for.
        const auto digits = std::max(int(precision), 1);
        out = decimal_text(value, scientific, digits - 1);
        const auto exponent = std::atoi(out.c_str() + out.find('e') + 1);
        if (exponent >= -4 && exponent < digits) out = decimal_text(value, fixed, digits - 1 - exponent);
    } else {
        out = decimal_text(value, kind == 'e' ? scientific : fixed, int(precision));
    }
    if (alternate && out.find('.') == std::string::npos) out.insert(std::min(out.find('e'), out.size()), 1, '.');
    if (upper_case) std::replace(out.begin(), out.end(), 'e', 'E');
    return out;
}

void group(std::string &digits, char separator, std::size_t step) {
    auto end = digits.find_first_not_of("0123456789abcdefABCDEF");
    if (end == std::string::npos) end = digits.size();
    for (auto at = end; at > step; at -= step) digits.insert(at - step, 1, separator);
}

std::string laid_out(Interpreter &interpreter, const Layout &layout, const std::string &sign, const std::string &body,
                     char default_align) {
    const auto length = count_characters(sign) + count_characters(body);
    if (layout.width <= length) return sign + body;
    interpreter.check_text(layout.width * layout.fill.size());
    interpreter.work(layout.width);
    const auto gap = layout.width - length;
    const auto fill = [&](std::size_t count) {
        std::string out;
        for (; count > 0; --count) out += layout.fill;
        return out;
    };
    switch (layout.align ? layout.align : default_align) {
        case '<':
            return sign + body + fill(gap);
        case '^':
            return fill(gap / 2) + sign + body + fill(gap - gap / 2);
        case '=':
            return sign + fill(gap) + body;
        default:
            return fill(gap) + sign + body;
    }
}

std::string sign_of(bool negative, char sign) {
    return negative ? "-" : sign == '+' ? "+" : sign == ' ' ? " " : "";
}

std::string integer_text(Interpreter &interpreter, const Layout &layout, const Integer &value) {
    const char type = layout.type ? layout.type : 'd';
    const int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
    if (!value.small()) interpreter.work(100000);
    auto digits = value.to_string(base);
    if (value.negative()) digits.erase(0, 1);
    if (type == 'X')
        std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) { return c >= 'a' ? char(c & ~32) : c; });
    if (layout.precision && digits.size() < *layout.precision) {
        interpreter.check_text(*layout.precision);
        digits.insert(0, *layout.precision - digits.size(), '0');
    }
    if (layout.grouping) group(digits, layout.grouping, base == 10 ? 3 : 4);
    const std::string prefix = layout.alternate && base != 10 ? std::string("0") + type : "";
    return laid_out(interpreter, layout, sign_of(value.negative(), layout.sign) + prefix, digits, '>');
}

std::string float_text(Interpreter &interpreter, const Layout &layout, double value) {
    char type = layout.type;
    std::string digits;
    if (!type && !layout.precision) {
        digits = float_repr(std::abs(value));
    } else {
        if (layout.precision) interpreter.check_text(*layout.precision);
        const bool percent = type == '%';
        const auto precision = layout.precision.value_or(6);
        digits = float_digits(percent ? value * 100 : value,
                              percent ? 'f'
                              : type  ? type
                                      : 'g',
                              type || precision > 0 ? precision : 1, layout.alternate);
        if (percent) digits += '%';
        if (!type && digits.find_first_of(".en") == std::string::npos) digits += ".0";
    }
    if (layout.grouping) group(digits, layout.grouping, 3);
    return laid_out(interpreter, layout, sign_of(std::signbit(value) && !std::isnan(value), layout.sign), digits, '>');
}

std::size_t number_at(const std::string &text, std::size_t &at) {
    std::size_t number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        number = number * 10 + std::size_t(text[at] - '0');
        if (number > 100'000'000) fail_limit("a format is wider than 100000000");
    }
    return number;
}

Layout parse_specification(const std::string &text) {
    Layout layout;
    std::size_t at = 0;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    const auto first = byte_of_character(text, 1);
    if (first < text.size() && is_align(text[first])) {
        layout.fill = text.substr(0, first);
        layout.align = text[first];
        at = first + 1;
    } else if (!text.empty() && is_align(text[0])) {
        layout.align = text[at++];
    }
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    if (peek() == '+' || peek() == '-' || peek() == ' ') layout.sign = text[at++];
    if (peek() == '#') layout.alternate = ++at > 0;
    if (peek() == '0') {
        ++at;
        if (!layout.align) {
            layout.fill = "0";
            layout.align = '=';
        }
    }
    layout.width = number_at(text, at);
    if (peek() == ',' || peek() == '_') layout.grouping = text[at++];
    if (peek() == '.') {
        ++at;
        if (peek() < '0' || peek() > '9') fail_value("Format specifier missing precision");
        layout.precision = number_at(text, at);
    }
    if (at < text.size()) layout.type = text[at++];
    if (at < text.size()) fail_value("Invalid format specifier '" + text + "'");
    return layout;
}

/// The arguments of a % format, in turn or by name.
class PercentFormat {
public:
    PercentFormat(Interpreter &interpreter, const Value &format, const Value &arguments)
        : m_interpreter(interpreter), m_format(format.bytes()), m_markup(format.text().markup), m_arguments(arguments) {
        if (arguments.is_tuple())
            m_row = arguments.items();
        else
            m_row = {arguments};
    }

    std::string run() {
        std::string out;
        for (std::size_t at = 0; at < m_format.size();) {
            if (m_format[at] != '%') {
                out += m_format[at++];
                continue;
            }
            ++at;
            out += conversion(at);
            m_interpreter.check_text(out.size());
        }
        if (m_next < m_row.size() && !m_named && !m_arguments.is(Value::Type::Dict)) {
            if (m_arguments.is_tuple() || m_next == 0) fail_type("not all arguments converted during string formatting");
        }
        return out;
    }

private:
    const Value &next() {
        if (m_next >= m_row.size()) fail_type("not enough arguments for format string");
        return m_row[m_next++];
    }

    std::string conversion(std::size_t &at) {
        const auto peek = [&] { return at < m_format.size() ? m_format[at] : '\0'; };
        const Value *value = nullptr;
        if (peek() == '(') {
            const auto end = m_format.find(')', at);
            if (end == std::string::npos) fail_value("incomplete format key");
            if (!m_arguments.is(Value::Type::Dict)) fail_type("format requires a mapping");
            const auto key = m_format.substr(at + 1, end - at - 1);
            value = m_arguments.dict().find(key);
            if (!value) fail_value("KeyError: " + string_repr(key));
            m_named = true;
            at = end + 1;
        }
        Layout layout;
        bool left = false, zero = false;
        layout.sign = '-';
        for (; peek() == '-' || peek() == '+' || peek() == ' ' || peek() == '#' || peek() == '0'; ++at) {
            left = left || peek() == '-';
            zero = zero || peek() == '0';
            layout.alternate = layout.alternate || peek() == '#';
            if (peek() == '+' || (peek() == ' ' && layout.sign != '+')) layout.sign = peek();
        }
        layout.width = width(at, left);
        if (peek() == '.') {
            ++at;
            bool ignored = false;
            layout.precision = width(at, ignored);
            if (ignored) layout.precision = 0;
        }
        while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++at;
        const char type = peek();
        if (type == '\0') fail_value("incomplete format");
        ++at;
        if (type == '%') return "%";
        if (!value) value = &next();
        layout.align = left ? '<' : '>';
        return convert(layout, type, *value, zero && !left);
    }

    std::size_t width(std::size_t &at, bool &left) {
        if (at >= m_format.size() || m_format[at] != '*') return number_at(m_format, at);
        ++at;
        const auto number = next().as_integer();
        const auto small = number ? number->small() : std::nullopt;
        if (!small || *small > 100'000'000 || *small < -100'000'000) fail_type("* wants int");
        left = left || *small < 0;
        return std::size_t(std::abs(*small));
    }

    std::string convert(Layout layout, char type, const Value &value, bool zero) {
        if (type == 's' || type == 'r' || type == 'a' || type == 'c') {
            auto text = type == 's' ? (m_markup ? escaped(m_interpreter, value) : to_str(m_interpreter, value))
                                    : to_repr(m_interpreter, value);
            if (type == 'a') text = ascii_repr(text);
            if (type == 'c') text = character(value);
            if (layout.precision && type != 'c') text = text.substr(0, byte_of_character(text, *layout.precision));
            return laid_out(m_interpreter, layout, "", text, '>');
        }
        if (zero) {
            layout.fill = "0";
            layout.align = '=';
        }
        const auto number = value.as_double();
        const std::string wanted = std::string("%") + type + " format: ";
        if (std::string_view("eEfFgG").find(type) != std::string_view::npos) {
            require_defined(value);
            if (!number) fail_type("must be real number, not " + value.type_name());
            layout.type = type;
            if (layout.precision == 0 && (type == 'g' || type == 'G')) layout.precision = 1;
            return float_text(m_interpreter, layout, *number);
        }
        if (std::string_view("diuxXo").find(type) == std::string_view::npos) {
            fail_value(std::string("unsupported format character '") + type + "'");
        }
        require_defined(value);
        auto integer = value.as_integer();
        const bool decimal = type == 'd' || type == 'i' || type == 'u';
        if (!integer && decimal && number && std::isfinite(*number)) integer = Integer::from_double(*number);
        if (!integer) fail_type(wanted + (decimal ? "a real number" : "an integer") + " is required, not " + value.type_name());
        layout.type = decimal ? 'd' : type;
        return integer_text(m_interpreter, layout, *integer);
    }

    static std::string character(const Value &value) {
        const auto number = value.as_integer();
        if (value.is_string() && value.text().length == 1) return value.bytes();
        const auto small = number ? number->small() : std::nullopt;
        if (!small || *small < 0 || *small > 0x10FFFF) fail_type("%c requires int or char");
        std::string out;
        append_utf8(out, char32_t(*small));
        return out;
    }

    Interpreter &m_interpreter;
    const std::string &m_format;
    const bool m_markup;
    const Value &m_arguments;
    std::vector<Value> m_row;
    std::size_t m_next = 0;
    bool m_named = false;
};

class BraceFormat {
public:
    BraceFormat(Interpreter &interpreter, const Arguments &arguments) : m_interpreter(interpreter), m_arguments(arguments) {}

    std::string run(const std::string &format, int level) {
        if (level > 2) fail_value("Max string recursion exceeded");
        std::string out;
        for (std::size_t at = 0; at < format.size();) {
            const char c = format[at++];
            const bool doubled = at < format.size() && format[at] == c;
            if ((c == '{' || c == '}') && doubled) {
                out += c;
                ++at;
            } else if (c == '}') {
                fail_value("Single '}' encountered in format string");
            } else if (c == '{') {
                out += field(format, at, level);
                m_interpreter.check_text(out.size());
            } else {
                out += c;
            }
        }
        return out;
    }

private:
    std::string field(const std::string &format, std::size_t &at, int level) {
        // The name ends at ! or : outside of brackets, the field at its own closing brace.
        std::size_t depth = 1, end = at;
        for (; end < format.size(); ++end) {
            if (format[end] == '{') ++depth;
            if (format[end] == '}' && --depth == 0) break;
        }
        if (end >= format.size())
            fail_value(at >= format.size() ? "Single '{' encountered in format string" : "expected '}' before end of string");
        const auto inside = format.substr(at, end - at);
        at = end + 1;
        std::size_t name_end = 0;
        for (bool in_brackets = false; name_end < inside.size(); ++name_end) {
            const char c = inside[name_end];
            if (c == '[') in_brackets = true;
            if (c == ']') in_brackets = false;
            if (!in_brackets && (c == '!' || c == ':')) break;
        }
        auto value = lookup(inside.substr(0, name_end));
        auto rest = inside.substr(name_end);
        if (rest.starts_with('!')) {
            if (rest.size() < 2) fail_value("end of string while looking for conversion specifier");
            if (rest.size() > 2 && rest[2] != ':') fail_value("expected ':' after conversion specifier");
            if (rest[1] == 's')
                value = Value::text(to_str(m_interpreter, value));
            else if (rest[1] == 'r')
                value = Value::text(to_repr(m_interpreter, value));
            else if (rest[1] == 'a')
                value = Value::text(ascii_repr(to_repr(m_interpreter, value)));
            else
                fail_value(std::string("Unknown conversion specifier ") + rest[1]);
            rest.erase(0, 2);
        }
        const auto specification = rest.empty() ? "" : run(rest.substr(1), level + 1);
        return format_value(m_interpreter, value, specification);
    }

    Value lookup(const std::string &path) {
        const auto end = std::min(path.find_first_of(".["), path.size());
        auto value = first(path.substr(0, end));
        for (std::size_t at = end; at < path.size();) {
            if (path[at] == '.') {
                const auto stop = std::min(path.find_first_of(".[", at + 1), path.size());
                value = m_interpreter.attribute(value, path.substr(at + 1, stop - at - 1));
                at = stop;
            } else {
                const auto stop = path.find(']', at);
                if (path[at] != '[' || stop == std::string::npos) fail_value("Missing ']' in format string");
                const auto key = path.substr(at + 1, stop - at - 1);
                const bool number = !key.empty() && key.size() < 18 && key.find_first_not_of("0123456789") == std::string::npos;
                value = m_interpreter.item(value, number ? Value(std::int64_t(std::stoll(key))) : Value::text(key));
                at = stop + 1;
            }
        }
        return value;
    }

    Value first(const std::string &name) {
        const bool number = name.find_first_not_of("0123456789") == std::string::npos;
        if (number) {
            if (name.size() > 9) fail_value("Too many decimal digits in format string");
            const auto index = name.empty() ? m_next++ : std::size_t(std::stoul(name));
            if (index >= m_arguments.positional.size())
                fail_value("Replacement index " + std::to_string(index) + " out of range for positional args tuple");
            return m_arguments.positional[index];
        }
        for (const auto &[key, value] : m_arguments.keywords) {
            if (key == name) return value;
        }
        fail_value("KeyError: " + string_repr(name));
    }

    Interpreter &m_interpreter;
    const Arguments &m_arguments;
    std::size_t m_next = 0;
};

}  // namespace

std::string percent_format(Interpreter &interpreter, const Value &format, const Value &arguments) {
    return PercentFormat(interpreter, format, arguments).run();
}

std::string brace_format(Interpreter &interpreter, const Value &format, const Arguments &arguments) {
    return BraceFormat(interpreter, arguments).run(format.bytes(), 0);
}

std::string format_value(Interpreter &interpreter, const Value &value, const std::string &specification) {
    if (specification.empty()) return to_str(interpreter, value);
    auto layout = parse_specification(specification);
    const auto unknown = [&]() {
        fail_value(std::string("Unknown format code '") + layout.type + "' for object of type '" + value.type_name() + "'");
    };
    if (value.is_string()) {
        if (layout.type && layout.type != 's') unknown();
        auto text = value.bytes();
        if (layout.precision) text = text.substr(0, byte_of_character(text, *layout.precision));
        return laid_out(interpreter, layout, "", text, '<');
    }
    const bool float_type = layout.type && std::string_view("eEfFgG%").find(layout.type) != std::string_view::npos;
    const auto integer = value.as_integer();
    if (integer && !float_type) {
        if (layout.precision) fail_value("Precision not allowed in integer format specifier");
        if (layout.type == 'c' || (layout.type && std::string_view("bdoxXn").find(layout.type) == std::string_view::npos))
            unknown();
        return integer_text(interpreter, layout, *integer);
    }
    if (const auto number = value.as_double()) {
        if (layout.type == 'n') layout.type = 'g';
        if (layout.type && !float_type && layout.type != 'g') unknown();
        if (layout.precision == 0 && (layout.type == 'g' || layout.type == 'G')) layout.precision = 1;
        return float_text(interpreter, layout, *number);
    }
    fail_type("unsupported format string passed to " + value.type_name() + ".__format__");
}

}  // namespace millm::engine::jinja
