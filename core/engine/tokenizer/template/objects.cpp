#include "core/engine/tokenizer/template/objects.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/printing.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

int depth_of(const std::vector<Value> &items) {
    int depth = 0;
    for (const auto &item : items) depth = std::max(depth, item.depth());
    if (depth >= 250) fail_limit("values nest more than 250 deep");
    return depth + 1;
}

Value integer(std::size_t value) {
    return Value(std::int64_t(value));
}

Value method(std::string name, Function::Body body) {
    return make_object<Function>(std::move(name), std::move(body));
}

/// Where a Python index points in a row of `length`, or nothing.
std::optional<std::size_t> place_of(const Value &key, std::size_t length) {
    const auto index = key.as_integer();
    const auto small = index ? index->small() : std::nullopt;
    if (!small) return std::nullopt;
    const auto place = *small < 0 ? *small + std::int64_t(length) : *small;
    if (place < 0 || place >= std::int64_t(length)) return std::nullopt;
    return std::size_t(place);
}

}  // namespace

std::string Macro::repr(Interpreter &) const {
    return m_body.name.empty() ? "<Macro anonymous>" : "<Macro " + string_repr(m_body.name) + ">";
}

std::optional<Value> Macro::attribute(Interpreter &, std::string_view name) {
    if (name == "name") return m_body.name.empty() ? Value() : Value::text(m_body.name);
    if (name == "catch_kwargs") return Value(m_body.uses_kwargs);
    if (name == "catch_varargs") return Value(m_body.uses_varargs);
    if (name == "caller") return Value(m_body.uses_caller);
    if (name != "arguments") return std::nullopt;
    std::vector<Value> names;
    for (const auto &parameter : m_body.parameters) names.push_back(Value::text(parameter.name));
    return Value::tuple(std::move(names));
}

std::string Namespace::repr(Interpreter &interpreter) const {
    // A namespace may hold itself: its values are not followed into other namespaces.
    std::string out = "<Namespace {";
    bool first = true;
    for (const auto &[key, value] : m_attributes.entries()) {
        out += (first ? "" : ", ") + string_repr(key.bytes()) + ": ";
        out += value.depth() > 0 || value.is(Value::Type::Object) ? "<" + value.type_name() + ">" : to_repr(interpreter, value);
        first = false;
    }
    return out + "}>";
}

std::optional<Value> Namespace::attribute(Interpreter &, std::string_view name) {
    const auto *value = m_attributes.find(name);
    return value ? std::optional(*value) : std::nullopt;
}

std::string Range::repr(Interpreter &) const {
    return "range(" + std::to_string(m_start) + ", " + std::to_string(m_stop) +
           (m_step == 1 ? "" : ", " + std::to_string(m_step)) + ")";
}

std::optional<Value> Range::attribute(Interpreter &, std::string_view name) {
    if (name == "start") return Value(m_start);
    if (name == "stop") return Value(m_stop);
    if (name == "step") return Value(m_step);
    return std::nullopt;
}

std::optional<Value> Range::item(Interpreter &, const Value &key) {
    const auto place = place_of(key, m_length);
    return place ? std::optional(Value(at(*place))) : std::nullopt;
}

std::optional<std::vector<Value>> Range::iterate() {
    std::vector<Value> items;
    items.reserve(m_length);
    for (std::size_t i = 0; i < m_length; ++i) items.emplace_back(at(i));
    return items;
}

bool Range::equals(const Object &other) const {
    const auto *range = dynamic_cast<const Range *>(&other);
    return range && m_length == range->m_length &&
           (m_length == 0 || (m_start == range->m_start && (m_length == 1 || m_step == range->m_step)));
}

Iterator::Iterator(const char *type, std::vector<Value> items, std::optional<Failure> end)
    : Object(depth_of(items)), m_type(type), m_items(std::move(items)), m_end(std::move(end)) {}

void Iterator::check_end() {
    if (auto end = std::exchange(m_end, std::nullopt)) throw Failure(std::move(*end));
}

std::optional<std::vector<Value>> Iterator::iterate() {
    check_end();
    return std::exchange(m_items, {});
}

std::optional<Value> Iterator::next() {
    if (m_items.empty()) {
        check_end();
        return std::nullopt;
    }
    auto first = m_items.front();
    m_items.erase(m_items.begin());
    return first;
}

std::string DictView::type_name() const {
    return m_kind == Kind::Keys ? "dict_keys" : m_kind == Kind::Values ? "dict_values" : "dict_items";
}

std::string DictView::repr(Interpreter &interpreter) const {
    std::vector<Value> items;
    for (const auto &[key, value] : m_dict->entries()) {
        items.push_back(m_kind == Kind::Keys ? key : m_kind == Kind::Values ? value : Value::tuple({key, value}));
    }
    return type_name() + "(" + to_repr(interpreter, Value::list(std::move(items))) + ")";
}

std::optional<std::vector<Value>> DictView::iterate() {
    std::vector<Value> items;
    items.reserve(m_dict->size());
    for (const auto &[key, value] : m_dict->entries()) {
        items.push_back(m_kind == Kind::Keys ? key : m_kind == Kind::Values ? value : Value::tuple({key, value}));
    }
    return items;
}

Group::Group(Value grouper, Value list) : m_parts(Value::tuple({std::move(grouper), std::move(list)})) {
    set_depth(m_parts.depth() + 1);
}

std::string Group::repr(Interpreter &interpreter) const {
    return to_repr(interpreter, m_parts);
}

std::optional<Value> Group::attribute(Interpreter &, std::string_view name) {
    if (name == "grouper") return m_parts.items()[0];
    if (name == "list") return m_parts.items()[1];
    return std::nullopt;
}

std::optional<Value> Group::item(Interpreter &, const Value &key) {
    const auto place = place_of(key, 2);
    return place ? std::optional(m_parts.items()[*place]) : std::nullopt;
}

Loop::Loop(std::vector<Value> items, int depth0) : Object(depth_of(items)), m_items(std::move(items)), m_depth0(depth0) {}

void Loop::make_recursive(const Statement &statement, ScopePtr scope) {
    m_statement = &statement;
    m_scope = std::move(scope);
}

void Loop::end() {
    m_ended = true;
    m_scope.reset();
    m_last_changed.reset();
}

std::string Loop::repr(Interpreter &) const {
    return "<LoopContext " + std::to_string(m_index + 1) + "/" + std::to_string(m_items.size()) + ">";
}

std::optional<Value> Loop::attribute(Interpreter &, std::string_view name) {
    if (name == "index") return integer(m_index + 1);
    if (name == "index0") return integer(m_index);
    if (name == "revindex") return integer(m_items.size() - m_index);
    if (name == "revindex0") return integer(m_items.size() - m_index - 1);
    if (name == "first") return Value(m_index == 0);
    if (name == "last") return Value(m_index + 1 == m_items.size());
    if (name == "length") return integer(m_items.size());
    if (name == "depth") return Value(std::int64_t(m_depth0) + 1);
    if (name == "depth0") return Value(std::int64_t(m_depth0));
    if (name == "previtem") return m_index > 0 ? m_items[m_index - 1] : Value::undefined("there is no previous item");
    if (name == "nextitem")
        return m_index + 1 < m_items.size() ? m_items[m_index + 1] : Value::undefined("there is no next item");
    const auto self = std::static_pointer_cast<Loop>(shared_from_this());
    if (name == "cycle") return method("cycle", [self](Interpreter &, Arguments &arguments) { return self->cycle(arguments); });
    if (name == "changed")
        return method("changed", [self](Interpreter &, Arguments &arguments) { return self->changed(arguments); });
    return std::nullopt;
}

Value Loop::cycle(Arguments &arguments) const {
    if (arguments.positional.empty()) fail_type("no items for cycling given");
    return arguments.positional[m_index % arguments.positional.size()];
}

Value Loop::changed(Arguments &arguments) {
    const auto &now = arguments.positional;
    if (m_last_changed && std::equal(m_last_changed->begin(), m_last_changed->end(), now.begin(), now.end(), equal))
        return Value(false);
    if (!m_ended) m_last_changed = now;
    return Value(true);
}

Value Loop::call(Interpreter &interpreter, Arguments &arguments) {
    if (!m_statement || !m_scope) fail_type("The loop must have the 'recursive' marker to be called recursively.");
    if (arguments.positional.size() != 1) fail_type("loop() takes one argument");
    return interpreter.recurse(*m_statement, m_scope, arguments.positional[0], m_depth0 + 1);
}

Cycler::Cycler(std::vector<Value> items) : Object(depth_of(items)), m_items(std::move(items)) {
    if (m_items.empty()) fail_type("at least one item has to be provided");
}

std::optional<Value> Cycler::attribute(Interpreter &, std::string_view name) {
    const auto self = std::static_pointer_cast<Cycler>(shared_from_this());
    if (name == "current") return m_items[m_at];
    if (name == "pos") return integer(m_at);
    if (name == "items") return Value::tuple(m_items);
    if (name == "reset") {
        return method("reset", [self](Interpreter &, Arguments &) {
            self->m_at = 0;
            return Value();
        });
    }
    if (name != "next") return std::nullopt;
    return method("next", [self](Interpreter &, Arguments &) {
        const auto &item = self->m_items[self->m_at];
        self->m_at = (self->m_at + 1) % self->m_items.size();
        return item;
    });
}

Joiner::Joiner(Value separator) : Object(depth_of({separator})), m_separator(std::move(separator)) {}

Value Joiner::call(Interpreter &, Arguments &) {
    if (m_used) return m_separator;
    m_used = true;
    return Value::text("");
}

}  // namespace millm::engine::jinja
