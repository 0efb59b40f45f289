#pragma once

#include <string>
#include <string_view>

namespace millm::engine::jinja {

/// The text that stands between a literal's quotes, escapes resolved as Python does; UTF-8. Throws Failure with `line`.
std::string string_literal(std::string_view source, int line);

}  // namespace millm::engine::jinja
