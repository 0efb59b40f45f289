#pragma once

#include "core/engine/tokenizer/template/integer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace millm::engine::jinja {

class Value;
class Dict;
class Object;

/// An immutable str. `markup`: it came out of the escape filter and is not escaped again.
struct Text {
    std::string bytes;
    std::size_t length = 0;  ///< in characters
    bool markup = false;

    bool ascii() const { return length == bytes.size(); }
};

/// A list or a tuple; templates cannot change either.
struct Sequence {
    std::vector<Value> items;
    bool tuple = false;
    int depth = 1;
};

/// Why a value is undefined, and what using it says.
struct Absence {
    std::string message;
    bool security = false;
};

/// What templates compute with: Python's types as far as they can be met. Copies share; all but namespaces, iterators and
/// loops is immutable.
class Value {
public:
    enum class Type : std::uint8_t { Undefined, None, Boolean, Integer, Float, String, Sequence, Dict, Object };

    Value() : m_state(std::monostate()) {}  ///< None
    explicit Value(bool value) : m_state(value) {}
    explicit Value(Integer value) : m_state(std::move(value)) {}
    explicit Value(std::int64_t value) : m_state(Integer(value)) {}
    explicit Value(double value) : m_state(value) {}
    explicit Value(std::shared_ptr<const Dict> dict) : m_state(std::move(dict)) {}
    explicit Value(std::shared_ptr<Object> object) : m_state(std::move(object)) {}
    static Value text(std::string bytes, bool markup = false);
    static Value list(std::vector<Value> items);
    static Value tuple(std::vector<Value> items);
    static Value undefined(std::string message, bool security = false);

    Type type() const { return Type(m_state.index()); }
    bool is(Type type) const { return this->type() == type; }
    bool is_undefined() const { return is(Type::Undefined); }
    bool is_none() const { return is(Type::None); }
    bool is_string() const { return is(Type::String); }
    bool is_list() const;
    bool is_tuple() const;

    // Only for the type.
    const Absence &absence() const { return *std::get<0>(m_state); }
    bool boolean() const { return std::get<2>(m_state); }
    const Integer &integer() const { return std::get<3>(m_state); }
    double number() const { return std::get<4>(m_state); }
    const Text &text() const { return *std::get<5>(m_state); }
    const std::string &bytes() const { return text().bytes; }
    const Sequence &sequence() const { return *std::get<6>(m_state); }
    const std::vector<Value> &items() const { return sequence().items; }
    const Dict &dict() const { return *std::get<7>(m_state); }
    const std::shared_ptr<const Dict> &shared_dict() const { return std::get<7>(m_state); }
    Object &object() const { return *std::get<8>(m_state); }
    template <class T>
    T *object_as() const;

    /// An int that is one or stands for one (True is 1); nothing otherwise.
    std::optional<Integer> as_integer() const;
    /// int, bool or float as a float.
    std::optional<double> as_double() const;

    /// bool(value).
    bool truthy() const;
    /// "int", "str", "NoneType"…
    std::string type_name() const;
    /// How deep containers nest in it; 0 for plain values.
    int depth() const;
    /// value is other: the same object, or an equal plain value of the same type.
    bool same_as(const Value &other) const;

private:
    std::variant<std::shared_ptr<const Absence>, std::monostate, bool, Integer, double, std::shared_ptr<const Text>,
                 std::shared_ptr<const Sequence>, std::shared_ptr<const Dict>, std::shared_ptr<Object>>
        m_state;
};

/// How many values may be compared or hashed in this thread while it lives. Two lists of two lists of two… are small and take
/// for ever to compare.
class ComparingLimit {
public:
    explicit ComparingLimit(std::int64_t values);
    ~ComparingLimit();
    ComparingLimit(const ComparingLimit &) = delete;
    ComparingLimit &operator=(const ComparingLimit &) = delete;

private:
    const std::int64_t m_before;
};

/// value == other, as Python compares; fails at the limit alone.
bool equal(const Value &a, const Value &b);
/// value < other; a Type failure where the types have no order, naming `op`.
bool less(const Value &a, const Value &b, const char *op = "<");

/// A dict: keys in the order they came.
class Dict {
public:
    using Entry = std::pair<Value, Value>;

    /// Replaces the value of an equal key. A Type failure for keys that cannot be hashed.
    void set(Value key, Value value);
    const Value *find(const Value &key) const;
    const Value *find(std::string_view key) const;
    const std::vector<Entry> &entries() const { return m_entries; }
    std::size_t size() const { return m_entries.size(); }
    int depth() const { return m_depth; }

private:
    std::vector<Entry> m_entries;
    std::unordered_multimap<std::size_t, std::size_t> m_places;  // hash → entry
    int m_depth = 1;
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> keywords;
};

class Interpreter;

/// Everything that is no plain value: functions, macros, loops, namespaces, ranges, iterators.
class Object : public std::enable_shared_from_this<Object> {
public:
    explicit Object(int depth = 0) : m_depth(depth) {}
    virtual ~Object() = default;
    Object(const Object &) = delete;
    Object &operator=(const Object &) = delete;

    virtual std::string type_name() const = 0;
    virtual std::string repr(Interpreter &) const { return "<" + type_name() + " object>"; }
    virtual std::optional<Value> attribute(Interpreter &, std::string_view) { return std::nullopt; }
    virtual std::optional<Value> item(Interpreter &, const Value &) { return std::nullopt; }
    virtual bool callable() const { return false; }
    virtual Value call(Interpreter &, Arguments &);
    /// What iterating gives; nothing where it cannot be iterated. Iterators are empty afterwards.
    virtual std::optional<std::vector<Value>> iterate() { return std::nullopt; }
    virtual bool iterable() const { return false; }
    virtual std::optional<std::size_t> length() const { return std::nullopt; }
    virtual bool indexable() const { return false; }  ///< has __getitem__
    virtual bool equals(const Object &other) const { return this == &other; }
    int depth() const { return m_depth; }

protected:
    void set_depth(int depth) { m_depth = depth; }

private:
    int m_depth;
};

template <class T>
T *Value::object_as() const {
    return is(Type::Object) ? dynamic_cast<T *>(&object()) : nullptr;
}

}  // namespace millm::engine::jinja
