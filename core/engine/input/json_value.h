#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace millm::engine {

struct JsonMember;

/// A JSON value. Whatever it holds, no question about it throws: each answers "nothing" where the value is of another kind.
class JsonValue {
public:
    using List = std::vector<JsonValue>;
    using Members = std::vector<JsonMember>;

    JsonValue() = default;  ///< null
    JsonValue(std::nullptr_t) {}
    JsonValue(std::same_as<bool> auto flag) : m_state(flag) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    JsonValue(T whole) : m_state(static_cast<std::int64_t>(whole)) {}
    JsonValue(double number);
    JsonValue(const char *text) : m_state(std::string(text)) {}
    JsonValue(std::string text) : m_state(std::move(text)) {}
    JsonValue(List items) : m_state(std::move(items)) {}
    static JsonValue list(std::initializer_list<JsonValue> items = {}) { return JsonValue(List(items)); }
    static JsonValue object(std::initializer_list<std::pair<const char *, JsonValue>> members = {});
    /// An object of members in order; of two with the same key the later one's value stands in the earlier one's place, as in
    /// Python. `doubled` gets the first such key.
    static JsonValue object_of(Members members, std::string *doubled = nullptr);
    /// A number as it is spelled in a text.
    static JsonValue spelled(double number, std::string spelling);

    bool is_null() const { return m_state.index() == 0; }
    bool is_list() const { return std::holds_alternative<List>(m_state); }
    bool is_object() const { return std::holds_alternative<Object>(m_state); }
    const char *kind_name() const;  ///< "a list", for messages

    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer() const;  ///< a whole number of 64 bits, spelled without point or exponent
    std::optional<double> number() const;         ///< any number; Infinity and NaN are numbers too
    const std::string *text() const;              ///< null where it is no text
    std::span<const JsonValue> items() const;     ///< empty where it is no list
    std::span<const JsonMember> members() const;  ///< in the text's order; empty where it is no object
    const JsonValue *find(std::string_view key) const;
    /// The member, where it is there and not null.
    const JsonValue *given(std::string_view key) const;
    /// The member, where it is a text.
    const std::string *text(std::string_view key) const;
    /// Is the member there and true?
    bool flag(std::string_view key) const;

    void set(std::string key, JsonValue value);  ///< on null makes an object; nothing on other kinds
    void push_back(JsonValue value);             ///< on null makes a list; nothing on other kinds

    /// As a message shows it: a scalar's spelling, cut short; of lists and objects only how many.
    std::string shown() const;
    /// The JSON text, UTF-8 as it is; lines where `indent` is given. Recursive: the depth is what the parser let in.
    std::string dump(int indent = -1) const;

private:
    struct Real {
        double number;
        std::string spelling;
    };
    /// An object, whose members hold values of this very type, so that they are known only outside of it.
    class Object {
    public:
        struct Parts;
        Object();
        Object(const Object &other);
        Object(Object &&other) noexcept;
        Object &operator=(Object other) noexcept;
        ~Object();
        Parts *get() const { return m_parts.get(); }
        Parts *operator->() const { return m_parts.get(); }

    private:
        std::unique_ptr<Parts> m_parts;  ///< null only where it was moved from
    };
    void write(std::string &out, int indent, int level) const;

    std::variant<std::nullptr_t, bool, std::int64_t, Real, std::string, List, Object> m_state;
};

struct JsonMember {
    std::string key;
    JsonValue value;
};

}  // namespace millm::engine
