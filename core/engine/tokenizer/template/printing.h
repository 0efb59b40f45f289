#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <string>

namespace millm::engine::jinja {

/// Python's repr of a float: the shortest that reads back, "1e+16", "2.0", "nan".
std::string float_repr(double value);
/// Python's repr of a str, in quotes.
std::string string_repr(const std::string &text);

/// str(value): what {{ value }} prints.
std::string to_str(Interpreter &interpreter, const Value &value);
/// repr(value): how a value appears inside of a printed list.
std::string to_repr(Interpreter &interpreter, const Value &value);

/// & < > " ' as HTML entities, as the filter escape makes them; markup stays as it is.
std::string escaped(Interpreter &interpreter, const Value &value);

}  // namespace millm::engine::jinja
