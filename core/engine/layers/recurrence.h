#pragma once

#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace millm::engine {

/// What the tokens of a pass do to matrices [keys, columns], one a head, that each sequence keeps: they decay them, write key x
/// value into them, and read them with their query. Heads share keys and queries in order: `heads / groups` of them each. All
/// in float32.
struct Recurrent {
    at::Tensor key, query;  ///< [rows, groups, keys]
    at::Tensor value;       ///< [rows, heads, columns]
    at::Tensor decay;       ///< factors [rows, heads], or [rows, heads, keys]; with rates steps [rows, heads, columns]
    at::Tensor rates;       ///< [heads, keys, columns]: the factor is exp(step * rate); or undefined
    /// [rows, heads], or undefined. The value less what the decayed matrix recalls for the key is written, times this: the
    /// delta rule. Without it the value is written as it is.
    at::Tensor strength;

    /// Over a sequence's fixed state `index` [heads, keys, columns] -> [rows, heads, columns].
    at::Tensor run(std::int64_t layer, std::size_t index, const PassContext &pass) const;
};

/// The same for one sequence's rows [first, first + rows), by operations that every device has. `state` is replaced in place.
void recur_anywhere(const Recurrent &recurrent, std::int64_t first, std::int64_t rows, at::Tensor &state, at::Tensor &out);

}  // namespace millm::engine
