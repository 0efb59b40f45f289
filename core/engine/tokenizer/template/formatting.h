#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <string>

namespace millm::engine::jinja {

/// template % arguments: a tuple of arguments, a dict for %(name)s, or one argument.
std::string percent_format(Interpreter &interpreter, const Value &format, const Value &arguments);

/// format.format(…): {} {0} {name} {0.attribute[key]!r:>10}.
std::string brace_format(Interpreter &interpreter, const Value &format, const Arguments &arguments);

/// format(value, specification), such as ">8.2f".
std::string format_value(Interpreter &interpreter, const Value &value, const std::string &specification);

}  // namespace millm::engine::jinja
