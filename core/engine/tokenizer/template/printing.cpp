#include "core/engine/tokenizer/template/printing.h"

#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace millm::engine::jinja {

std::string float_repr(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    // Digits and exponent of the shortest form, laid out as Python lays them out.
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
    const std::string text(buffer, end);
    const auto e = text.find('e');
    std::string digits = text.substr(0, 1) + (e > 1 ? text.substr(2, e - 2) : "");
    const int exponent = std::atoi(text.c_str() + e + 1);
    std::string out = std::signbit(value) ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
        out += digits.substr(0, 1) + (digits.size() > 1 ? "." + digits.substr(1) : "");
        char tail[16];
        std::snprintf(tail, sizeof tail, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
        return out + tail;
    }
    if (exponent < 0) return out + "0." + std::string(std::size_t(-exponent - 1), '0') + digits;
    const auto whole = std::size_t(exponent) + 1;
    if (digits.size() <= whole) return out + digits + std::string(whole - digits.size(), '0') + ".0";
    return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string string_repr(const std::string &text) {
    const bool double_quotes = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    const char quote = double_quotes ? '"' : '\'';
    std::string out(1, quote);
    for (const auto c : characters_of(text)) {
        char buffer[16];
        if (c == char32_t(quote) || c == '\\') {
            out += '\\';
            out += char(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c < 0x80 ? c >= 0x20 && c != 0x7F : is_printable(c)) {
            append_utf8(out, c);
        } else {
            std::snprintf(buffer, sizeof buffer, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", unsigned(c));
            out += buffer;
        }
    }
    return out + quote;
}

namespace {

/// Appends to one text, so that the size of nested lists is watched while it grows.
class Printer {
public:
    explicit Printer(Interpreter &interpreter) : m_interpreter(interpreter) {}

    void repr(const Value &value) {
        switch (value.type()) {
            case Value::Type::Undefined:
                m_out += "Undefined";
                break;
            case Value::Type::None:
                m_out += "None";
                break;
            case Value::Type::Boolean:
                m_out += value.boolean() ? "True" : "False";
                break;
            case Value::Type::Integer:
                m_out += value.integer().to_string();
                break;
            case Value::Type::Float:
                m_out += float_repr(value.number());
                break;
            case Value::Type::String:
                m_out += value.text().markup ? "Markup(" + string_repr(value.bytes()) + ")" : string_repr(value.bytes());
                break;
            case Value::Type::Sequence:
                sequence(value);
                break;
            case Value::Type::Dict:
                dict(value.dict());
                break;
            case Value::Type::Object:
                m_out += value.object().repr(m_interpreter);
                break;
        }
        m_interpreter.check_text(m_out.size());
    }

    std::string take() { return std::move(m_out); }

private:
    void sequence(const Value &value) {
        const bool tuple = value.sequence().tuple;
        m_out += tuple ? '(' : '[';
        const auto &items = value.items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) m_out += ", ";
            repr(items[i]);
        }
        if (tuple && items.size() == 1) m_out += ',';
        m_out += tuple ? ')' : ']';
    }

    void dict(const Dict &dict) {
        m_out += '{';
        bool first = true;
        for (const auto &[key, item] : dict.entries()) {
            if (!first) m_out += ", ";
            first = false;
            repr(key);
            m_out += ": ";
            repr(item);
        }
        m_out += '}';
    }

    Interpreter &m_interpreter;
    std::string m_out;
};

}  // namespace

std::string to_repr(Interpreter &interpreter, const Value &value) {
    Printer printer(interpreter);
    printer.repr(value);
    return printer.take();
}

std::string to_str(Interpreter &interpreter, const Value &value) {
    if (value.is_string()) return value.bytes();
    if (value.is_undefined()) return {};
    return to_repr(interpreter, value);
}

std::string escaped(Interpreter &interpreter, const Value &value) {
    auto text = to_str(interpreter, value);
    if (value.is_string() && value.text().markup) return text;
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    interpreter.check_text(out.size());
    return out;
}

}  // namespace millm::engine::jinja
