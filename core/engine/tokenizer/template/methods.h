#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine::jinja {

using Method = Value (*)(Interpreter &, const Value &self, Arguments &);

struct MethodRow {
    std::string_view name;
    Method method;
};

/// The method of a value's type, bound to it; plain attributes such as int.real too.
std::optional<Value> find_method(const Value &value, std::string_view name);
/// Whether Python's sandbox forbids the method because it would change the value.
bool is_mutating_method(const Value &value, std::string_view name);

// The tables that find_method looks through.
std::span<const MethodRow> string_methods();
std::span<const MethodRow> string_query_methods();
std::span<const MethodRow> sequence_methods();
std::span<const MethodRow> dict_methods();

/// str.splitlines().
std::vector<std::string> split_lines(const std::string &text, bool keep_ends);
/// str.split() without a separator; `most` splits, all of them where negative.
std::vector<std::string> split_whitespace(const std::string &text, std::int64_t most);

}  // namespace millm::engine::jinja
