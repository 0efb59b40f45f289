#include "core/engine/tokenizer/template/json_text.h"

#include "core/engine/input/json.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace millm::engine::jinja {

namespace {

// A conversation with the pictures' worth of text that a request may carry.
constexpr JsonLimits variables_limits{256u << 20, 200, 4'000'000, true};

class Writer {
public:
    Writer(Interpreter &interpreter, const JsonLayout &layout) : m_interpreter(interpreter), m_layout(layout) {}

    void write(const Value &value, int level) {
        switch (value.type()) {
            case Value::Type::None:
                m_out += "null";
                break;
            case Value::Type::Boolean:
                m_out += value.boolean() ? "true" : "false";
                break;
            case Value::Type::Integer:
                m_out += value.integer().to_string();
                break;
            case Value::Type::Float:
                m_out += number(value.number());
                break;
            case Value::Type::String:
                string(value.bytes());
                break;
            case Value::Type::Sequence:
                list(value.items(), level);
                break;
            case Value::Type::Dict:
                dict(value.dict(), level);
                break;
            case Value::Type::Undefined:
            case Value::Type::Object:
                fail_type("Object of type " + value.type_name() + " is not JSON serializable");
        }
        m_interpreter.check_text(m_out.size());
    }

    std::string take() { return std::move(m_out); }

private:
    static std::string number(double value) {
        if (std::isnan(value)) return "NaN";
        if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
        return float_repr(value);
    }

    void line(int level) {
        if (!m_layout.indent) return;
        m_out += '\n';
        for (int i = 0; i < level; ++i) m_out += *m_layout.indent;
        m_interpreter.check_text(m_out.size());
    }

    void list(const std::vector<Value> &items, int level) {
        if (items.empty()) {
            m_out += "[]";
            return;
        }
        m_out += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) m_out += m_layout.item_separator;
            line(level + 1);
            write(items[i], level + 1);
        }
        line(level);
        m_out += ']';
    }

    void dict(const Dict &dict, int level) {
        if (dict.size() == 0) {
            m_out += "{}";
            return;
        }
        std::vector<const Dict::Entry *> entries;
        for (const auto &entry : dict.entries()) entries.push_back(&entry);
        if (m_layout.sort_keys) {
            std::stable_sort(entries.begin(), entries.end(),
                             [](const auto *a, const auto *b) { return less(a->first, b->first); });
        }
        m_out += '{';
        bool first = true;
        for (const auto *entry : entries) {
            if (!first) m_out += m_layout.item_separator;
            first = false;
            line(level + 1);
            key(entry->first);
            m_out += m_layout.key_separator;
            write(entry->second, level + 1);
        }
        line(level);
        m_out += '}';
    }

    void key(const Value &key) {
        switch (key.type()) {
            case Value::Type::String:
                string(key.bytes());
                return;
            case Value::Type::None:
                m_out += "\"null\"";
                return;
            case Value::Type::Boolean:
                m_out += key.boolean() ? "\"true\"" : "\"false\"";
                return;
            case Value::Type::Integer:
                m_out += "\"" + key.integer().to_string() + "\"";
                return;
            case Value::Type::Float:
                m_out += "\"" + number(key.number()) + "\"";
                return;
            default:
                fail_type("keys must be str, int, float, bool or None, not " + key.type_name());
        }
    }

    void escape(unsigned code_unit) {
        char buffer[16];
        std::snprintf(buffer, sizeof buffer, "\\u%04x", code_unit);
        m_out += buffer;
    }

    void string(const std::string &text) {
        m_out += '"';
        if (m_layout.ensure_ascii) {
            for (const auto c : characters_of(text)) {
                if (c < 0x7F) {
                    plain(char(c));
                } else if (c < 0x10000) {
                    escape(unsigned(c));
                } else {
                    escape(0xD800 + (unsigned(c - 0x10000) >> 10));
                    escape(0xDC00 + (unsigned(c - 0x10000) & 0x3FF));
                }
            }
        } else {
            for (const char c : text) plain(c);
        }
        m_out += '"';
    }

    void plain(char c) {
        switch (c) {
            case '"':
                m_out += "\\\"";
                return;
            case '\\':
                m_out += "\\\\";
                return;
            case '\n':
                m_out += "\\n";
                return;
            case '\r':
                m_out += "\\r";
                return;
            case '\t':
                m_out += "\\t";
                return;
            case '\f':
                m_out += "\\f";
                return;
            case '\b':
                m_out += "\\b";
                return;
            default:
                break;
        }
        if (static_cast<unsigned char>(c) < 0x20)
            escape(static_cast<unsigned char>(c));
        else
            m_out += c;
    }

    Interpreter &m_interpreter;
    const JsonLayout &m_layout;
    std::string m_out;
};

/// Recursive: the parser lets in only so deep a nesting.
Value value_of(const JsonValue &json) {
    if (json.is_null()) return Value();
    if (const auto flag = json.boolean()) return Value(*flag);
    if (const auto whole = json.integer()) return Value(*whole);
    if (const auto number = json.number()) {
        // Integers that no machine word holds are numbers with their digits.
        const std::string spelling = json.dump();
        if (spelling.find_first_of(".eENI") == std::string::npos)
            if (auto integer = Integer::parse(spelling, 10)) return Value(*std::move(integer));
        return Value(*number);
    }
    if (const std::string *text = json.text()) return Value::text(*text);
    if (json.is_list()) {
        std::vector<Value> items;
        for (const JsonValue &item : json.items()) items.push_back(value_of(item));
        return Value::list(std::move(items));
    }
    auto dict = std::make_shared<Dict>();
    for (const auto &[key, member] : json.members()) dict->set(Value::text(key), value_of(member));
    return Value(std::shared_ptr<const Dict>(std::move(dict)));
}

}  // namespace

std::string json_text(Interpreter &interpreter, const Value &value, const JsonLayout &layout) {
    Writer writer(interpreter, layout);
    writer.write(value, 0);
    return writer.take();
}

std::shared_ptr<const Dict> dict_from_json(std::string_view text) {
    auto json = parse_json_object(text, "the conversation", variables_limits);
    if (!json) fail_value(std::move(json).error().message);
    return value_of(*json).shared_dict();
}

}  // namespace millm::engine::jinja
