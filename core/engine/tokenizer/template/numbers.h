#pragma once

#include "core/engine/tokenizer/template/integer.h"

#include <cstdint>
#include <optional>
#include <string>

namespace millm::engine::jinja {

/// int(text, base) and float(text) as Python reads them, spaces and underscores included; nothing where they raise.
std::optional<Integer> parse_int(const std::string &text, int base);
std::optional<double> parse_float(const std::string &text);

/// round(value, digits): halves to even.
double round_float(double value, std::int64_t digits);
Integer round_integer(const Integer &value, std::int64_t digits);

}  // namespace millm::engine::jinja
