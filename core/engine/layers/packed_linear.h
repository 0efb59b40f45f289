#pragma once

#include "core/engine/layers/linear.h"

namespace millm::engine {

/// A quantized weight on the CPU in tiles, multiplied with inputs that are rounded to integers of 16 bits (docs/numerics.md);
/// null where the stored form is not quantized or its shape does not fit tiles. Throws c10 errors (out of memory).
std::unique_ptr<Linear> make_packed_cpu_linear(const StoredLinear &stored, const Compute &compute);

/// A plain weight rounded to 8 bits with a scale for each 64 of a row's values, in such tiles; null where its shape does not
/// fit them, or a value is not finite.
std::unique_ptr<Linear> make_rounded_cpu_linear(const StoredLinear &stored, const Compute &compute);

}  // namespace millm::engine
