#pragma once

#include "core/engine/architectures/description.h"

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// x / rms(x) * weight over the last dimension; the sum is taken in f32.
at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double eps);

/// Rotary positions in place: x [rows, heads, dims], cos and sin [rows, rotated / 2] f32. Pairs are (i, i + rotated / 2), or
/// (2i, 2i + 1) where they are interleaved.
void rotate(at::Tensor &x, const at::Tensor &cos, const at::Tensor &sin, bool interleaved);

/// activation(x), times `up` where that is defined; may overwrite `x`.
at::Tensor activate(Activation activation, at::Tensor x, const at::Tensor &up = {});

}  // namespace millm::engine
