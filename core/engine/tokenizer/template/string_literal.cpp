#include "core/engine/tokenizer/template/string_literal.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <cstdio>

namespace millm::engine::jinja {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

class Literal {
public:
    Literal(std::string_view source, int line) : m_source(source), m_line(line) {}

    std::string run() {
        while (m_at < m_source.size()) {
            const char c = m_source[m_at++];
            if (c == '\\' && m_at < m_source.size()) {
                escape();
            } else {
                m_text.push_back(c);
            }
        }
        return std::move(m_text);
    }

private:
    [[noreturn]] void fail(const std::string &message) const { throw Failure(Failure::Kind::Syntax, message, m_line); }

    void escape() {
        const char c = m_source[m_at++];
        switch (c) {
            case '\n':
                return;
            case '\\':
            case '\'':
            case '"':
                m_text.push_back(c);
                return;
            case 'a':
                m_text.push_back('\a');
                return;
            case 'b':
                m_text.push_back('\b');
                return;
            case 'f':
                m_text.push_back('\f');
                return;
            case 'n':
                m_text.push_back('\n');
                return;
            case 'r':
                m_text.push_back('\r');
                return;
            case 't':
                m_text.push_back('\t');
                return;
            case 'v':
                m_text.push_back('\v');
                return;
            case 'x':
                return hex(2, "truncated \\xXX escape");
            case 'u':
                return hex(4, "truncated \\uXXXX escape");
            case 'U':
                return hex(8, "truncated \\UXXXXXXXX escape");
            case 'N':
                return named();
            default:
                break;
        }
        if (c >= '0' && c <= '7') return octal(c);
        m_text.push_back('\\');
        if (static_cast<unsigned char>(c) < 0x80) {
            m_text.push_back(c);
            return;
        }
        // Jinja passes literals through ASCII: behind a backslash the number of the character appears instead of it.
        const auto size = byte_of_character(m_source.substr(m_at - 1, 4), 1);
        const auto number = unsigned(characters_of(m_source.substr(m_at - 1, size))[0]);
        char digits[16];
        std::snprintf(digits, sizeof digits, number < 0x100 ? "x%02x" : number < 0x10000 ? "u%04x" : "U%08x", number);
        m_text += digits;
        m_at += size - 1;
    }

    void octal(char first) {
        char32_t character = char32_t(first - '0');
        for (int i = 0; i < 2 && m_at < m_source.size() && m_source[m_at] >= '0' && m_source[m_at] <= '7'; ++i) {
            character = character * 8 + char32_t(m_source[m_at++] - '0');
        }
        append_utf8(m_text, character);
    }

    void hex(int digits, const char *truncated) {
        char32_t character = 0;
        for (int i = 0; i < digits; ++i) {
            const int digit = m_at < m_source.size() ? hex_digit(m_source[m_at]) : -1;
            if (digit < 0) fail(truncated);
            character = character << 4 | char32_t(digit);
            ++m_at;
        }
        if (character > 0x10FFFF) fail("illegal Unicode character");
        append_utf8(m_text, character);
    }

    void named() {
        const auto end = m_source.find('}', m_at);
        if (m_at >= m_source.size() || m_source[m_at] != '{' || end == std::string_view::npos || end == m_at + 1) {
            fail("malformed \\N character escape");
        }
        const auto character = named_character(std::string(m_source.substr(m_at + 1, end - m_at - 1)));
        if (!character) fail("unknown Unicode character name");
        append_utf8(m_text, *character);
        m_at = end + 1;
    }

    const std::string_view m_source;
    const int m_line;
    std::size_t m_at = 0;
    std::string m_text;
};

}  // namespace

std::string string_literal(std::string_view source, int line) {
    return Literal(source, line).run();
}

}  // namespace millm::engine::jinja
