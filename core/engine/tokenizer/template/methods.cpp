// Which methods there are, and those of lists, tuples and dicts.
#include "core/engine/tokenizer/template/methods.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

Value index(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("index", arguments, {"value", "start", "stop"});
    const auto length = std::int64_t(self.items().size());
    const auto place = [&](std::size_t i, std::int64_t fallback) {
        const auto given = p.integer(i, fallback);
        return std::clamp<std::int64_t>(given < 0 ? given + length : given, 0, length);
    };
    in.work(self.items().size());
    for (auto i = place(1, 0); i < place(2, length); ++i) {
        if (equal(self.items()[std::size_t(i)], p.required(0))) return Value(i);
    }
    fail_value(to_repr(in, p.required(0)) + " is not in " + self.type_name());
}

Value count(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("count", arguments, {"value"});
    in.work(self.items().size());
    return Value(std::int64_t(
        std::count_if(self.items().begin(), self.items().end(), [&](const auto &item) { return equal(item, p.required(0)); })));
}

Value copy(In &, const Value &self, Arguments &) {
    return self;
}

Value get(In &, const Value &self, Arguments &arguments) {
    const Parameters p("get", arguments, {"key", "default"});
    const auto *found = self.dict().find(p.required(0));
    return found ? *found : p.value(1);
}

template <DictView::Kind kind>
Value view(In &, const Value &self, Arguments &arguments) {
    const Parameters none("dict view", arguments, {});
    return make_object<DictView>(kind, self.shared_dict());
}

constexpr MethodRow sequence_rows[] = {{"index", index}, {"count", count}, {"copy", copy}};
constexpr MethodRow dict_rows[] = {
    {"get", get},
    {"keys", view<DictView::Kind::Keys>},
    {"values", view<DictView::Kind::Values>},
    {"items", view<DictView::Kind::Items>},
    {"copy", copy},
};

std::optional<Value> number_attribute(const Value &value, std::string_view name) {
    const auto integer = value.as_integer();
    if (name == "real") return integer ? Value(*integer) : value;
    if (name == "imag") return integer ? Value(std::int64_t(0)) : Value(0.0);
    if (name == "numerator" && integer) return Value(*integer);
    if (name == "denominator" && integer) return Value(std::int64_t(1));
    if (name == "is_integer") {
        const bool whole = integer || std::trunc(value.number()) == value.number();
        return make_object<Function>("is_integer", [whole](In &, Arguments &) { return Value(whole); });
    }
    return std::nullopt;
}

}  // namespace

std::span<const MethodRow> sequence_methods() {
    return sequence_rows;
}
std::span<const MethodRow> dict_methods() {
    return dict_rows;
}

std::optional<Value> find_method(const Value &value, std::string_view name) {
    std::array<std::span<const MethodRow>, 2> tables;
    switch (value.type()) {
        case Value::Type::String:
            tables = {string_methods(), string_query_methods()};
            break;
        case Value::Type::Sequence:
            tables = {sequence_methods()};
            break;
        case Value::Type::Dict:
            tables = {dict_methods()};
            break;
        case Value::Type::Boolean:
        case Value::Type::Integer:
        case Value::Type::Float:
            return number_attribute(value, name);
        default:
            return std::nullopt;
    }
    for (const auto table : tables) {
        const auto row = std::find_if(table.begin(), table.end(), [&](const auto &entry) { return entry.name == name; });
        if (row == table.end() || (value.is_tuple() && name == "copy")) continue;
        return make_object<Function>(
            std::string(name),
            [value, method = row->method](In &in, Arguments &arguments) { return method(in, value, arguments); },
            value.depth() + 1);
    }
    return std::nullopt;
}

bool is_mutating_method(const Value &value, std::string_view name) {
    static constexpr std::array<std::string_view, 8> of_lists{"append", "clear", "pop",    "reverse",
                                                              "insert", "sort",  "extend", "remove"};
    static constexpr std::array<std::string_view, 5> of_dicts{"clear", "pop", "popitem", "setdefault", "update"};
    if (value.is_list()) return std::find(of_lists.begin(), of_lists.end(), name) != of_lists.end();
    return value.is(Value::Type::Dict) && std::find(of_dicts.begin(), of_dicts.end(), name) != of_dicts.end();
}

}  // namespace millm::engine::jinja
