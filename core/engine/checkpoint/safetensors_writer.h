#pragma once

#include "core/engine/checkpoint/dtype.h"

#include <string>
#include <vector>

namespace millm::engine {

/// The first bytes of a safetensors file with these tensors: length and header, padded with blanks to 8 bytes. Brings the
/// tensors into the reference writer's order (wide types first, then by name), which aligns each, and sets their `begin`.
std::string safetensors_header(std::vector<TensorInfo> &tensors);

}  // namespace millm::engine
