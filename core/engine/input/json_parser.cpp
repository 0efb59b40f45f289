#include "core/engine/input/json.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/lfs_pointer.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/input/utf8.h"

#include <locale.h>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace millm::engine {

namespace {

/// Python's float(): out of range is Infinity or 0, whatever the locale.
double real_of(const std::string &spelling) {
    static const locale_t plain = ::newlocale(LC_ALL_MASK, "C", nullptr);
    return ::strtod_l(spelling.c_str(), nullptr, plain);
}

/// One reading. What is open stands in a list of its own, so that nesting costs no stack.
class Parser {
public:
    Parser(std::string_view text, const std::string &what, const JsonLimits &limits)
        : m_text(text), m_what(what), m_limits(limits) {}

    Result<JsonValue> run() {
        if (m_text.size() > m_limits.bytes)
            return invalid_file(m_what, ": ", m_text.size(), " bytes, more than the limit of ", m_limits.bytes);
        if (m_text.starts_with("\xef\xbb\xbf"))
            return invalid_file(m_what, " is not valid JSON: it begins with a byte order mark");
        if (const std::size_t valid = valid_utf8_bytes(m_text); valid < m_text.size())
            return invalid_file(m_what, " is not valid JSON: byte ", valid, " is not UTF-8");
        JsonValue value = read();
        if (m_error) return *m_error;
        return value;
    }

private:
    struct Open {
        bool object;
        JsonValue::List items;
        JsonValue::Members members;  ///< the last one's value is still to come
    };

    JsonValue read() {
        JsonValue value;
        while (begin(value)) {
            // A value is complete: it goes into what holds it, which may end with it.
            for (;;) {
                skip_blanks();
                if (m_open.empty()) {
                    if (m_at < m_text.size()) refuse("something follows its end");
                    return value;
                }
                if (!keep(std::move(value))) return {};
                if (take(',')) {
                    if (m_open.back().object && !key()) return {};
                    break;
                }
                if (!take(m_open.back().object ? '}' : ']')) {
                    refuse(m_open.back().object ? "a ',' or '}' is missing" : "a ',' or ']' is missing");
                    return {};
                }
                value = close();
            }
        }
        return {};
    }

    /// Reads up to the end of a scalar or of an empty list or object. False where it failed.
    bool begin(JsonValue &value) {
        for (;;) {
            skip_blanks();
            if (++m_values > m_limits.values) return exceed("it holds more than ", m_limits.values, " values");
            const bool object = take('{');
            if (!object && !take('[')) return scalar(value);
            if (static_cast<int>(m_open.size()) >= m_limits.depth) return exceed("it nests deeper than ", m_limits.depth);
            m_open.push_back({object, {}, {}});
            skip_blanks();
            if (take(object ? '}' : ']')) {
                value = close();
                return !m_error;
            }
            if (object && !key()) return false;
        }
    }

    bool scalar(JsonValue &value) {
        static const std::pair<std::string_view, JsonValue> words[] = {
            {"null", JsonValue()},
            {"true", JsonValue(true)},
            {"false", JsonValue(false)},
            {"NaN", JsonValue(std::numeric_limits<double>::quiet_NaN())},
            {"Infinity", JsonValue(std::numeric_limits<double>::infinity())},
            {"-Infinity", JsonValue(-std::numeric_limits<double>::infinity())},
        };
        if (m_at < m_text.size() && m_text[m_at] == '"') {
            std::string text;
            if (!string(text)) return false;
            value = JsonValue(std::move(text));
            return true;
        }
        for (const auto &[word, meaning] : words)
            if (m_text.substr(m_at).starts_with(word)) {
                m_at += word.size();
                value = meaning;
                return true;
            }
        return number(value);
    }

    bool number(JsonValue &value) {
        const std::size_t begin = m_at;
        const auto digits = [&] {
            const std::size_t first = m_at;
            while (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9') ++m_at;
            return m_at - first;
        };
        take('-');
        if (!take('0') && digits() == 0) {
            m_at = begin;
            return refuse(m_at < m_text.size() ? "a value is missing" : "it ends where a value is missing");
        }
        bool whole = true;
        if (take('.')) {
            whole = false;
            if (digits() == 0) return refuse("a digit is missing");
        }
        if (take('e') || take('E')) {
            whole = false;
            if (!take('+')) take('-');
            if (digits() == 0) return refuse("a digit is missing");
        }
        std::string spelling(m_text.substr(begin, m_at - begin));
        std::int64_t small = 0;
        const auto [end, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), small);
        if (whole && error == std::errc()) {
            value = JsonValue(small);
        } else {
            const double real = real_of(spelling);
            value = JsonValue::spelled(real, std::move(spelling));
        }
        return true;
    }

    bool string(std::string &out) {
        ++m_at;  // the quote
        for (;;) {
            const std::size_t begin = m_at;
            while (m_at < m_text.size() && m_text[m_at] != '"' && m_text[m_at] != '\\' &&
                   static_cast<unsigned char>(m_text[m_at]) >= 0x20)
                ++m_at;
            out.append(m_text.substr(begin, m_at - begin));
            if (m_at == m_text.size()) return refuse("it ends inside a text");
            if (take('"')) return true;
            if (!take('\\')) return refuse("a text holds a control character");
            if (!escape(out)) return false;
        }
    }

    bool escape(std::string &out) {
        static constexpr std::pair<char, char> short_forms[] = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
                                                                {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
        for (const auto &[letter, meaning] : short_forms)
            if (take(letter)) {
                out += meaning;
                return true;
            }
        std::uint32_t unit = 0, second = 0;
        if (!take('u')) return refuse("a text holds an unknown escape");
        if (!hex(unit)) return false;
        const std::size_t after = m_at;
        if (unit >= 0xd800 && unit < 0xdc00 && take('\\') && take('u')) {
            if (!hex(second)) return false;
            if (second >= 0xdc00 && second < 0xe000) {
                append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
                return true;
            }
        }
        m_at = after;
        // Half a pair, which Python keeps, is no character that UTF-8 could hold.
        append_utf8(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
        return true;
    }

    bool hex(std::uint32_t &unit) {
        const auto four = m_text.substr(m_at, 4);
        const auto [end, error] = std::from_chars(four.data(), four.data() + four.size(), unit, 16);
        if (four.size() < 4 || error != std::errc() || end != four.data() + 4)
            return refuse("four hexadecimal digits are missing");
        m_at += 4;
        return true;
    }

    bool key() {
        skip_blanks();
        if (m_at >= m_text.size() || m_text[m_at] != '"') return refuse("a name in quotes is missing");
        m_open.back().members.emplace_back();
        if (!string(m_open.back().members.back().key)) return false;
        skip_blanks();
        return take(':') || refuse("a ':' is missing");
    }

    bool keep(JsonValue value) {
        Open &top = m_open.back();
        if (top.object)
            top.members.back().value = std::move(value);
        else
            top.items.push_back(std::move(value));
        return !m_error;
    }

    JsonValue close() {
        Open top = std::move(m_open.back());
        m_open.pop_back();
        if (!top.object) return JsonValue(std::move(top.items));
        std::string doubled;
        JsonValue object = JsonValue::object_of(std::move(top.members), &doubled);
        if (!m_limits.doubled_names && !doubled.empty() && !m_error)
            m_error = invalid_file(m_what, ": the name \"", printable(doubled), "\" is given twice");
        return object;
    }

    void skip_blanks() {
        while (m_at < m_text.size() && std::string_view(" \t\n\r").find(m_text[m_at]) != std::string_view::npos) ++m_at;
    }

    bool take(char c) {
        if (m_at >= m_text.size() || m_text[m_at] != c) return false;
        ++m_at;
        return true;
    }

    template <class... Parts>
    bool refuse(const Parts &...parts) {
        return fail(" is not valid JSON: ", parts...);
    }
    template <class... Parts>
    bool exceed(const Parts &...parts) {
        return fail(": ", parts...);
    }
    template <class... Parts>
    bool fail(const Parts &...parts) {
        if (m_error) return false;
        const std::string_view before = m_text.substr(0, m_at);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        m_error = invalid_file(m_what, parts..., " (line ", line, ", byte ", m_at, ")");
        return false;
    }

    const std::string_view m_text;
    const std::string &m_what;
    const JsonLimits &m_limits;
    std::size_t m_at = 0, m_values = 0;
    std::vector<Open> m_open;
    std::optional<Error> m_error;
};

}  // namespace

Result<JsonValue> parse_json(std::string_view text, const std::string &what, const JsonLimits &limits) {
    if (is_lfs_pointer(text)) return invalid_file(what, ": ", lfs_pointer_words);
    return Parser(text, what, limits).run();
}

Result<JsonValue> parse_json_object(std::string_view text, const std::string &what, const JsonLimits &limits) {
    auto value = parse_json(text, what, limits);
    if (value && !value->is_object()) return invalid_file(what, ": a JSON object is needed, it is ", value->kind_name());
    return value;
}

Result<std::optional<JsonValue>> read_json_object(const std::filesystem::path &path, const JsonLimits &limits) {
    auto bytes = read_regular_file(path, limits.bytes);
    if (!bytes) return std::move(bytes).error();
    if (!*bytes) return std::optional<JsonValue>();
    auto value = parse_json_object(**bytes, path.filename().string(), limits);
    if (!value) return std::move(value).error();
    return std::optional(std::move(*value));
}

}  // namespace millm::engine
