#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <string_view>

namespace millm::engine::jinja {

using Test = bool (*)(Interpreter &, const Value &, Arguments &);

/// What `x is name` asks; null where there is none of that name.
Test find_test(std::string_view name);

}  // namespace millm::engine::jinja
