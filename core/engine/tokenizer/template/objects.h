#pragma once

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/value.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine::jinja {

/// A function of the environment, or a method bound to its value.
class Function final : public Object {
public:
    using Body = std::function<Value(Interpreter &, Arguments &)>;
    Function(std::string name, Body body, int depth = 0) : Object(depth), m_name(std::move(name)), m_body(std::move(body)) {}

    std::string type_name() const override { return "function"; }
    std::string repr(Interpreter &) const override { return "<function " + m_name + ">"; }
    bool callable() const override { return true; }
    Value call(Interpreter &interpreter, Arguments &arguments) override { return m_body(interpreter, arguments); }

private:
    const std::string m_name;
    const Body m_body;
};

/// {% macro %} or the body of {% call %}, with the scope it was written in.
class Macro final : public Object {
public:
    Macro(const MacroBody &body, ScopePtr scope) : m_body(body), m_scope(std::move(scope)) {}

    std::string type_name() const override { return "Macro"; }
    std::string repr(Interpreter &interpreter) const override;
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;
    bool callable() const override { return true; }
    Value call(Interpreter &interpreter, Arguments &arguments) override {
        return interpreter.call_macro(m_body, m_scope, arguments);
    }

private:
    const MacroBody &m_body;
    const ScopePtr m_scope;
};

/// namespace(): the one thing that templates can change.
class Namespace final : public Object {
public:
    std::string type_name() const override { return "Namespace"; }
    std::string repr(Interpreter &interpreter) const override;
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;
    void set(std::string_view name, Value value) { m_attributes.set(Value::text(std::string(name)), std::move(value)); }
    void clear() { m_attributes = Dict(); }

private:
    Dict m_attributes;
};

/// range(): numbers that are made when they are needed.
class Range final : public Object {
public:
    Range(std::int64_t start, std::int64_t stop, std::int64_t step, std::size_t length)
        : m_start(start), m_stop(stop), m_step(step), m_length(length) {}

    std::string type_name() const override { return "range"; }
    std::string repr(Interpreter &) const override;
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;
    std::optional<Value> item(Interpreter &interpreter, const Value &key) override;
    std::optional<std::vector<Value>> iterate() override;
    bool iterable() const override { return true; }
    std::optional<std::size_t> length() const override { return m_length; }
    bool indexable() const override { return true; }
    bool equals(const Object &other) const override;

private:
    std::int64_t at(std::size_t index) const { return m_start + std::int64_t(index) * m_step; }

    const std::int64_t m_start, m_stop, m_step;
    const std::size_t m_length;
};

/// What filters like map give: it can be gone through once.
class Iterator final : public Object {
public:
    /// `end`: what fails behind the items, for whoever comes so far.
    Iterator(const char *type, std::vector<Value> items, std::optional<Failure> end = {});

    std::string type_name() const override { return m_type; }
    std::optional<std::vector<Value>> iterate() override;
    bool iterable() const override { return true; }
    /// The first of what is left, which it loses.
    std::optional<Value> next();

private:
    void check_end();

    const std::string m_type;
    std::vector<Value> m_items;
    std::optional<Failure> m_end;
};

/// dict.keys(), .values(), .items().
class DictView final : public Object {
public:
    enum class Kind : std::uint8_t { Keys, Values, Items };
    DictView(Kind kind, std::shared_ptr<const Dict> dict) : Object(dict->depth() + 1), m_kind(kind), m_dict(std::move(dict)) {}

    std::string type_name() const override;
    std::string repr(Interpreter &interpreter) const override;
    std::optional<std::vector<Value>> iterate() override;
    bool iterable() const override { return true; }
    std::optional<std::size_t> length() const override { return m_dict->size(); }

private:
    const Kind m_kind;
    const std::shared_ptr<const Dict> m_dict;
};

/// One entry of the filter groupby: a pair whose parts have names.
class Group final : public Object {
public:
    Group(Value grouper, Value list);

    std::string type_name() const override { return "_GroupTuple"; }
    std::string repr(Interpreter &interpreter) const override;
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;
    std::optional<Value> item(Interpreter &interpreter, const Value &key) override;
    std::optional<std::vector<Value>> iterate() override { return m_parts.items(); }
    bool iterable() const override { return true; }
    std::optional<std::size_t> length() const override { return 2; }
    bool indexable() const override { return true; }

private:
    const Value m_parts;
};

/// The variable `loop`.
class Loop final : public Object {
public:
    Loop(std::vector<Value> items, int depth0);
    /// Lets {{ loop(items) }} run the loop again inside of itself.
    void make_recursive(const Statement &statement, ScopePtr scope);
    void move_to(std::size_t index) { m_index = index; }
    /// The loop is over: it holds on to nothing that could hold it.
    void end();

    std::string type_name() const override { return "LoopContext"; }
    std::string repr(Interpreter &) const override;
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;
    bool callable() const override { return true; }
    Value call(Interpreter &interpreter, Arguments &arguments) override;
    std::optional<std::size_t> length() const override { return m_items.size(); }

private:
    Value cycle(Arguments &arguments) const;
    Value changed(Arguments &arguments);

    std::vector<Value> m_items;
    std::size_t m_index = 0;
    const int m_depth0;
    std::optional<std::vector<Value>> m_last_changed;
    bool m_ended = false;
    const Statement *m_statement = nullptr;
    ScopePtr m_scope;
};

/// cycler(…).
class Cycler final : public Object {
public:
    explicit Cycler(std::vector<Value> items);
    std::string type_name() const override { return "Cycler"; }
    std::optional<Value> attribute(Interpreter &interpreter, std::string_view name) override;

private:
    const std::vector<Value> m_items;
    std::size_t m_at = 0;
};

/// joiner(…): nothing at the first call, the separator then.
class Joiner final : public Object {
public:
    explicit Joiner(Value separator);
    std::string type_name() const override { return "Joiner"; }
    bool callable() const override { return true; }
    Value call(Interpreter &interpreter, Arguments &arguments) override;

private:
    const Value m_separator;
    bool m_used = false;
};

template <class T, class... Parts>
Value make_object(Parts &&...parts) {
    return Value(std::shared_ptr<Object>(std::make_shared<T>(std::forward<Parts>(parts)...)));
}

/// A generator of what `work` puts into a vector: as in Python, a failure meets only those who ask for items.
template <class Work>
Value generated(Work work) {
    std::vector<Value> items;
    std::optional<Failure> end;
    try {
        work(items);
    } catch (const Failure &failure) {
        if (failure.kind() == Failure::Kind::Limit) throw;
        end = failure;
    }
    return make_object<Iterator>("generator", std::move(items), std::move(end));
}

}  // namespace millm::engine::jinja
