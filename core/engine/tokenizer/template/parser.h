#pragma once

#include "core/engine/tokenizer/template/ast.h"

#include <string_view>

namespace millm::engine::jinja {

/// A template's statements. Throws Failure with the line.
Block parse(std::string_view source);

}  // namespace millm::engine::jinja
