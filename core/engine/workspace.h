#pragma once

#include "core/engine/architectures/description.h"

#include <cstdint>
#include <functional>
#include <string>

namespace millm::engine {

/// Numbers that each row of a pass takes beside weights and states, where the layer stands that takes most: what lies there at
/// once, as layers/ computes it on the CPU. `has`: does the checkpoint have a tensor of that name?
std::int64_t values_of_row(const DecoderDescription &decoder, const std::function<bool(const std::string &)> &has);

}  // namespace millm::engine
