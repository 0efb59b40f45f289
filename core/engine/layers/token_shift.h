#pragma once

#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace millm::engine {

/// Each token and the one before it in its sequence, both [rows, hidden] f32 (rwkv).
struct TokenPairs {
    at::Tensor own, before;

    /// The token before a pass comes from the sequence's fixed state `index`, [1, hidden]; the last of `x` goes into it.
    TokenPairs(const at::Tensor &x, std::int64_t layer, std::size_t index, const PassContext &pass);
    /// share * own + (1 - share) * before; `share`: [hidden].
    at::Tensor mixed(const at::Tensor &share) const;
};

}  // namespace millm::engine
