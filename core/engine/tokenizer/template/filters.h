#pragma once

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/value.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine::jinja {

using Filter = Value (*)(Interpreter &, const Value &, Arguments &);

struct FilterRow {
    std::string_view name;
    Filter filter;
};

/// A filter that takes nothing but the value.
template <Filter filter>
Value alone(Interpreter &interpreter, const Value &value, Arguments &arguments) {
    if (!arguments.positional.empty() || !arguments.keywords.empty()) fail_type("the filter takes no argument");
    return filter(interpreter, value, arguments);
}

/// Null where there is none of that name.
Filter find_filter(std::string_view name);

// The tables that find_filter looks through.
std::span<const FilterRow> text_filters();
std::span<const FilterRow> sequence_filters();
std::span<const FilterRow> selection_filters();
std::span<const FilterRow> value_filters();

/// "a.b.0" as keys; an int as itself; None as none.
std::vector<Value> attribute_path(const Value &attribute);
/// Follows keys from item to item; undefined values become `fallback` where one is given.
Value follow(Interpreter &interpreter, const Value &value, const std::vector<Value> &path, const Value *fallback = nullptr);
/// Text in lower case, other values as they are: what sorting compares.
Value ignoring_case(const Value &value);

}  // namespace millm::engine::jinja
