#pragma once

#include "core/engine/quantization/layout.h"
#include "core/engine/result.h"

#include <cstdint>
#include <functional>

namespace millm::engine {

/// Work on rows [first, first + count), with room of its own for their values as f32.
using SliceWork = std::function<Result<void>(std::int64_t first, std::int64_t count, float *values)>;

/// All rows of a matrix or a stack of such, in slices of at most `step` of one matrix, on all cores where there are several of
/// them. The error of one that failed; the others are not begun then. Blocks.
Result<void> each_slice(const LinearShape &shape, std::int64_t step, const SliceWork &work);

}  // namespace millm::engine
