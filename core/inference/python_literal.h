#pragma once

#include "core/engine/input/json_value.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millm {

/// f(k=v, …) with Python's literals as values.
struct PythonCall {
    std::string name;  ///< dotted names are allowed
    engine::JsonValue arguments;
};

/// Calls in a list, one after the other, or one alone. Nothing where the text is anything else.
std::optional<std::vector<PythonCall>> read_python_calls(std::string_view text);

}  // namespace millm
