#include "core/engine/tokenizer/template/lexer.h"

#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/string_literal.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <array>

namespace millm::engine::jinja {

namespace {

constexpr std::array<std::string_view, 25> operators{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
                                                     "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ","};

bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

/// \r\n and \r become \n, and one newline at the end of the file goes.
std::string normalized(std::string_view source) {
    std::string text;
    text.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r') {
            text.push_back(source[i]);
        } else {
            text.push_back('\n');
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
        }
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(normalized(source)) {}

    std::vector<Token> run() {
        while (m_at < m_source.size()) data();
        add(Token::Type::End, "");
        return std::move(m_tokens);
    }

private:
    [[noreturn]] void fail(const std::string &message) const { throw Failure(Failure::Kind::Syntax, message, m_line); }

    bool looking_at(std::string_view text, std::size_t at) const {
        return at <= m_source.size() && m_source.compare(at, text.size(), text) == 0;
    }

    char peek(std::size_t at) const { return at < m_source.size() ? m_source[at] : '\0'; }

    std::size_t skip_space(std::size_t at) const {
        while (at < m_source.size()) {
            const auto byte = static_cast<unsigned char>(m_source[at]);
            if (byte < 0x80) {
                if (!is_space(byte)) break;
                ++at;
                continue;
            }
            const auto size = byte_of_character(std::string_view(m_source).substr(at, 4), 1);
            const auto character = characters_of(std::string_view(m_source).substr(at, size));
            if (!is_space(character[0])) break;
            at += size;
        }
        return at;
    }

    void add(Token::Type type, std::string text) { m_tokens.push_back({type, std::move(text), {}, m_line}); }

    /// Moves to `end`, counting lines.
    void advance(std::size_t end) {
        m_line += int(std::count(m_source.begin() + std::ptrdiff_t(m_at), m_source.begin() + std::ptrdiff_t(end), '\n'));
        m_at = end;
    }

    /// Template text up to the next tag, with what the tag's beginning does to it; then the tag.
    void data() {
        std::size_t tag = m_at;
        while (tag < m_source.size() &&
               !(m_source[tag] == '{' && (peek(tag + 1) == '{' || peek(tag + 1) == '%' || peek(tag + 1) == '#')))
            ++tag;
        auto text = std::string_view(m_source).substr(m_at, tag - m_at);
        if (tag == m_source.size()) {
            emit_data(text);
            advance(tag);
            return;
        }
        const char kind = m_source[tag + 1];
        const char sign = peek(tag + 2) == '-' || peek(tag + 2) == '+' ? peek(tag + 2) : '\0';
        emit_data(strip_before_tag(text, sign, kind == '{'));
        advance(tag + (sign ? 3 : 2));
        if (kind == '#') {
            comment();
        } else if (kind == '{') {
            add(Token::Type::VariableBegin, "");
            expression(Token::Type::VariableEnd);
        } else if (!raw()) {
            add(Token::Type::BlockBegin, "");
            expression(Token::Type::BlockEnd);
        }
        m_line_starts = m_source[m_at - 1] == '\n';
    }

    void emit_data(std::string_view text) {
        if (!text.empty()) add(Token::Type::Data, std::string(text));
    }

    std::string_view strip_before_tag(std::string_view text, char sign, bool variable) const {
        const auto line = text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1;
        if (sign == '-') return text.substr(0, end_without_space(text));
        if (sign == '\0' && !variable && (line > 0 || m_line_starts) && end_without_space(text) <= line)
            return text.substr(0, line);
        return text;
    }

    /// Where the whitespace at the text's end begins.
    static std::size_t end_without_space(std::string_view text) {
        while (!text.empty()) {
            auto begin = text.size() - 1;
            while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
            const auto character = characters_of(text.substr(begin));
            if (character.size() != 1 || !is_space(character[0])) break;
            text = text.substr(0, begin);
        }
        return text.size();
    }

    /// The length of an end tag at `at` (such as "%}") with its sign and what it swallows; 0 where there is none.
    std::size_t end_tag(std::size_t at, std::string_view tag, bool plus, bool newline) const {
        const char sign = peek(at);
        const bool signed_tag = sign == '-' || (plus && sign == '+');
        const auto begin = at + (signed_tag ? 1 : 0);
        if (!looking_at(tag, begin)) return 0;
        auto end = begin + tag.size();
        if (signed_tag && sign == '-') end = skip_space(end);
        if (!signed_tag && newline && peek(end) == '\n') ++end;
        return end - at;
    }

    void comment() {
        for (auto at = m_at; at < m_source.size(); ++at) {
            if (const auto size = end_tag(at, "#}", true, true)) return advance(at + size);
        }
        if (m_at < m_source.size()) fail("Missing end of comment tag");
    }

    /// {% raw %} … {% endraw %}, from behind the sign; false where this is another block.
    bool raw() {
        auto at = skip_space(m_at);
        if (!looking_at("raw", at)) return false;
        at = skip_space(at + 3);
        const auto begin_size = end_tag(at, "%}", false, false);
        if (begin_size == 0) return false;
        advance(at + begin_size);
        m_line_starts = m_source[m_at - 1] == '\n';
        for (at = m_at; at < m_source.size(); ++at) {
            if (!looking_at("{%", at)) continue;
            const char sign = peek(at + 2) == '-' || peek(at + 2) == '+' ? peek(at + 2) : '\0';
            auto name = skip_space(at + (sign ? 3 : 2));
            if (!looking_at("endraw", name)) continue;
            name = skip_space(name + 6);
            const auto size = end_tag(name, "%}", true, true);
            if (size == 0) continue;
            emit_data(strip_before_tag(std::string_view(m_source).substr(m_at, at - m_at), sign, false));
            advance(name + size);
            return true;
        }
        if (m_at < m_source.size()) fail("Missing end of raw directive");
        return true;
    }

    /// The inside of {{ }} or {% %}, its end included. End tags count only outside of brackets.
    void expression(Token::Type end) {
        std::string brackets;
        while (m_at < m_source.size()) {
            if (brackets.empty()) {
                const bool block = end == Token::Type::BlockEnd;
                if (const auto size = end_tag(m_at, block ? "%}" : "}}", block, block)) {
                    add(end, "");
                    return advance(m_at + size);
                }
            }
            if (const auto space = skip_space(m_at); space > m_at) {
                advance(space);
                continue;
            }
            const char c = m_source[m_at];
            if (is_ascii_digit(c)) {
                number();
            } else if (c == '\'' || c == '"') {
                string();
            } else if (name()) {
            } else {
                operation(brackets);
            }
        }
    }

    /// How many characters from `at` are digits of `base`, single underscores between them allowed.
    std::size_t digits(std::size_t at, int base) const {
        const auto begin = at;
        const auto is_digit_of = [&](char c) {
            const int digit = is_ascii_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
            return digit < base;
        };
        while (is_digit_of(peek(at)) || (peek(at) == '_' && at > begin && is_digit_of(peek(at + 1)))) ++at;
        return at - begin;
    }

    void number() {
        const auto whole = digits(m_at, 10);
        auto end = m_at + whole;
        bool is_float = false;
        if (m_at == 0 || m_source[m_at - 1] != '.') {
            if (peek(end) == '.' && is_ascii_digit(peek(end + 1))) {
                end += 1 + digits(end + 1, 10);
                is_float = true;
            }
            if ((peek(end) | 32) == 'e') {
                const auto exponent = end + 1 + (peek(end + 1) == '+' || peek(end + 1) == '-' ? 1 : 0);
                if (is_ascii_digit(peek(exponent))) {
                    end = exponent + digits(exponent, 10);
                    is_float = true;
                }
            }
        }
        int base = 10;
        if (!is_float && m_source[m_at] == '0') {
            const char letter = char(peek(m_at + 1) | 32);
            const int other = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
            const auto begin = m_at + 2 + (peek(m_at + 2) == '_' ? 1 : 0);
            if (other != 10 && digits(begin, other) > 0) {
                base = other;
                end = begin + digits(begin, other);
            } else {
                // Python has no other numbers that begin with a zero than zero itself.
                end = m_at;
                while (peek(end) == '0' || (peek(end) == '_' && end > m_at && peek(end + 1) == '0')) ++end;
            }
        }
        std::string text = m_source.substr(m_at, end - m_at);
        std::erase(text, '_');
        add(Token::Type::Number, text);
        m_tokens.back().number =
            is_float ? Value(*decimal_value(text)) : Value(*Integer::parse(base == 10 ? text : text.substr(2), base));
        advance(end);
    }

    void string() {
        const char quote = m_source[m_at];
        auto end = m_at + 1;
        while (end < m_source.size() && m_source[end] != quote) end += m_source[end] == '\\' ? 2 : 1;
        if (end >= m_source.size())
            fail(std::string("unexpected char ") + (quote == '"' ? "'\"'" : "\"'\"") + " at " + std::to_string(m_at));
        add(Token::Type::String, string_literal(std::string_view(m_source).substr(m_at + 1, end - m_at - 1), m_line));
        advance(end + 1);
    }

    bool name() {
        auto end = m_at;
        bool ascii = true;
        while (end < m_source.size()) {
            const auto byte = static_cast<unsigned char>(m_source[end]);
            if (byte < 0x80) {
                if (!is_ascii_digit(char(byte)) && !((byte | 32) >= 'a' && (byte | 32) <= 'z') && byte != '_') break;
                ++end;
                continue;
            }
            const auto size = byte_of_character(std::string_view(m_source).substr(end, 4), 1);
            const auto character = characters_of(std::string_view(m_source).substr(end, size))[0];
            if (!is_alnum(character) && !is_identifier(U"a" + Characters(1, character))) break;
            ascii = false;
            end += size;
        }
        if (end == m_at) return false;
        auto text = m_source.substr(m_at, end - m_at);
        if (!ascii && !is_identifier(characters_of(text))) fail("Invalid character in identifier");
        add(Token::Type::Name, std::move(text));
        advance(end);
        return true;
    }

    void operation(std::string &brackets) {
        for (const auto op : operators) {
            if (!looking_at(op, m_at)) continue;
            const char c = op[0];
            if (c == '(' || c == '[' || c == '{') {
                brackets.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
            } else if (c == ')' || c == ']' || c == '}') {
                if (brackets.empty()) fail("unexpected '" + std::string(op) + "'");
                const char expected = brackets.back();
                brackets.pop_back();
                if (expected != c) fail("unexpected '" + std::string(op) + "', expected '" + expected + "'");
            }
            add(Token::Type::Operator, std::string(op));
            return advance(m_at + op.size());
        }
        const auto size = byte_of_character(std::string_view(m_source).substr(m_at, 4), 1);
        fail("unexpected char '" + m_source.substr(m_at, size) + "' at " + std::to_string(m_at));
    }

    const std::string m_source;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_line_starts = true;  // the text to come begins a line
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
    return Lexer(source).run();
}

}  // namespace millm::engine::jinja
