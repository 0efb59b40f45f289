#pragma once

#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace millm::engine {

/// A convolution over each channel's own past, in float32. The tokens before a pass come from a sequence's fixed state `index`,
/// [kernel - 1, channels]; what the next pass needs goes into it.
class CausalConvolution {
public:
    CausalConvolution() = default;
    /// `weight`: [channels, kernel] f32, the last tap is the token itself. `bias`: [channels] or undefined.
    CausalConvolution(at::Tensor weight, at::Tensor bias) : taps_(weight.t().contiguous()), bias_(std::move(bias)) {}

    /// x: [rows, channels] f32 of all sequences of the pass -> the same.
    at::Tensor forward(const at::Tensor &x, std::int64_t layer, std::size_t index, const PassContext &pass) const;
    std::uint64_t bytes() const { return taps_.nbytes() + (bias_.defined() ? bias_.nbytes() : 0); }

private:
    at::Tensor taps_;  ///< [kernel, channels]
    at::Tensor bias_;
};

}  // namespace millm::engine
