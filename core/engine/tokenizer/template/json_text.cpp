#include "core/engine/tokenizer/template/json_text.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace millm::engine::jinja {

namespace {

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

/// Builds values while the text is read: nothing in between that would order or compare the members.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number_integer(number_integer_t value) override { return add(Value(std::int64_t(value))); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value <= number_unsigned_t(INT64_MAX)) return add(Value(std::int64_t(value)));
        return add(Value(*Integer::parse(std::to_string(value), 10)));
    }
    bool number_float(number_float_t value, const string_t &text) override {
        // Integers that no machine word holds come this way too.
        if (text.find_first_of(".eE") == std::string::npos) return add(Value(*Integer::parse(text, 10)));
        return add(Value(double(value)));
    }
    bool string(string_t &text) override { return add(Value::text(std::move(text))); }
    bool binary(binary_t &) override { return false; }
    bool start_object(std::size_t) override { return open(true); }
    bool start_array(std::size_t) override { return open(false); }
    bool key(string_t &text) override {
        m_open.back().key = Value::text(std::move(text));
        return true;
    }
    bool end_object() override {
        auto dict = std::move(m_open.back().dict);
        m_open.pop_back();
        return add(Value(std::shared_ptr<const Dict>(std::move(dict))));
    }
    bool end_array() override {
        auto items = std::move(m_open.back().items);
        m_open.pop_back();
        return add(Value::list(std::move(items)));
    }
    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &error) override {
        fail_value(error.what());
    }

    const Value &result() const { return m_result; }

private:
    struct Open {
        std::shared_ptr<Dict> dict;  ///< null for a list
        std::vector<Value> items;
        Value key;
    };

    bool open(bool dict) {
        if (m_open.size() >= 200) fail_value("the variables nest more than 200 deep");
        m_open.push_back({dict ? std::make_shared<Dict>() : nullptr, {}, {}});
        return true;
    }

    bool add(Value value) {
        if (m_open.empty())
            m_result = std::move(value);
        else if (auto &top = m_open.back(); top.dict)
            top.dict->set(std::move(top.key), std::move(value));
        else
            top.items.push_back(std::move(value));
        return true;
    }

    std::vector<Open> m_open;
    Value m_result;
};

}  // namespace

std::string json_text(Interpreter &interpreter, const Value &value, const JsonLayout &layout) {
    Writer writer(interpreter, layout);
    writer.write(value, 0);
    return writer.take();
}

std::shared_ptr<const Dict> dict_from_json(std::string_view text) {
    Reader reader;
    nlohmann::json::sax_parse(text, &reader);
    if (!reader.result().is(Value::Type::Dict)) fail_value("the variables are not a JSON object");
    return reader.result().shared_dict();
}

}  // namespace millm::engine::jinja
