#include "core/inference/python_literal.h"

#include "core/engine/input/json.h"

#include <cctype>

namespace millm {

namespace {

using engine::JsonMember;
using engine::JsonValue;

constexpr int deepest = 64;

class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    std::optional<std::vector<PythonCall>> calls() {
        std::vector<PythonCall> all;
        const bool listed = take('[');
        for (skip(); !at_end() && !(listed && peek() == ']'); skip()) {
            auto read = call();
            if (!read) return std::nullopt;
            all.push_back(std::move(*read));
            skip();
            if (!take(',') && !take(';') && listed && peek() != ']') return std::nullopt;
        }
        if (listed && !take(']')) return std::nullopt;
        skip();
        if (!at_end() || all.empty()) return std::nullopt;
        return all;
    }

private:
    bool at_end() const { return m_at >= m_text.size(); }
    char peek() const { return at_end() ? '\0' : m_text[m_at]; }
    void skip() {
        while (!at_end() && std::isspace(static_cast<unsigned char>(peek())) != 0) ++m_at;
    }
    bool take(char c) {
        skip();
        if (peek() != c) return false;
        ++m_at;
        return true;
    }
    bool take_word(std::string_view word) {
        if (!m_text.substr(m_at).starts_with(word)) return false;
        m_at += word.size();
        return true;
    }

    std::string name() {
        skip();
        const std::size_t first = m_at;
        const auto fits = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
        };
        while (!at_end() && fits(peek())) ++m_at;
        return std::string(m_text.substr(first, m_at - first));
    }

    std::optional<PythonCall> call() {
        PythonCall result{name(), {}};
        if (result.name.empty() || !take('(')) return std::nullopt;
        JsonValue::Members members;
        while (!take(')')) {
            std::string key = name();
            if (key.empty() || !take('=')) return std::nullopt;
            auto read = value(0);
            if (!read) return std::nullopt;
            members.push_back({std::move(key), std::move(*read)});
            skip();
            if (!take(',') && peek() != ')') return std::nullopt;
        }
        result.arguments = JsonValue::object_of(std::move(members));
        return result;
    }

    std::optional<JsonValue> value(int depth) {
        skip();
        if (depth > deepest || at_end()) return std::nullopt;
        switch (peek()) {
            case '"':
            case '\'':
                return text();
            case '[':
            case '(':
                return list(depth);
            case '{':
                return object(depth);
            default:
                break;
        }
        for (const auto &[word, meaning] :
             {std::pair("True", JsonValue(true)), std::pair("true", JsonValue(true)), std::pair("False", JsonValue(false)),
              std::pair("false", JsonValue(false)), std::pair("None", JsonValue()), std::pair("null", JsonValue())})
            if (take_word(word)) return meaning;
        const std::size_t first = m_at;
        while (!at_end() &&
               (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '.' || peek() == '-' || peek() == '+'))
            ++m_at;
        auto number = engine::parse_json(m_text.substr(first, m_at - first), "a number");
        if (!number || !number->number()) return std::nullopt;
        return *std::move(number);
    }

    std::optional<JsonValue> text() {
        const char quote = m_text[m_at++];
        std::string result;
        while (!at_end() && peek() != quote) {
            char c = m_text[m_at++];
            if (c == '\\' && !at_end()) {
                c = m_text[m_at++];
                if (c == 'u' || c == 'x') {
                    if (!escaped_character(c == 'u' ? 4 : 2, result)) return std::nullopt;
                    continue;
                }
                switch (c) {
                    case 'n':
                        c = '\n';
                        break;
                    case 't':
                        c = '\t';
                        break;
                    case 'r':
                        c = '\r';
                        break;
                    case '\\':
                    case '\'':
                    case '"':
                        break;
                    default:
                        result += '\\';
                }
            }
            result += c;
        }
        if (at_end()) return std::nullopt;
        ++m_at;
        return JsonValue(std::move(result));
    }

    /// \x41 or \u0041, by way of JSON's own escapes.
    bool escaped_character(std::size_t digits, std::string &out) {
        std::string escape = "\"\\u" + std::string(4 - digits, '0') + std::string(m_text.substr(m_at, digits)) + "\"";
        m_at += digits;
        if (m_at > m_text.size()) return false;
        const auto parsed = engine::parse_json(escape, "an escape");
        if (!parsed || parsed->text() == nullptr) return false;
        out += *parsed->text();
        return true;
    }

    std::optional<JsonValue> list(int depth) {
        const char close = m_text[m_at++] == '[' ? ']' : ')';
        JsonValue::List items;
        while (!take(close)) {
            auto item = value(depth + 1);
            if (!item) return std::nullopt;
            items.push_back(std::move(*item));
            skip();
            if (!take(',') && peek() != close) return std::nullopt;
        }
        return JsonValue(std::move(items));
    }

    std::optional<JsonValue> object(int depth) {
        ++m_at;
        JsonValue::Members members;
        while (!take('}')) {
            auto key = value(depth + 1);
            if (!key || key->text() == nullptr || !take(':')) return std::nullopt;
            auto read = value(depth + 1);
            if (!read) return std::nullopt;
            members.push_back({*key->text(), std::move(*read)});
            skip();
            if (!take(',') && peek() != '}') return std::nullopt;
        }
        return JsonValue::object_of(std::move(members));
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace

std::optional<std::vector<PythonCall>> read_python_calls(std::string_view text) {
    return Reader(text).calls();
}

}  // namespace millm
