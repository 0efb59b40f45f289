#pragma once

#include "core/engine/layers/linear.h"

namespace millm::engine {

// In a build without CUDA these throw; no device of that kind is offered there.
std::unique_ptr<Linear> make_plain_cuda_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_plain_cuda_linear(const at::Tensor &weight);
std::unique_ptr<Linear> make_four_bit_cuda_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_int8_cuda_linear(const StoredLinear &stored, const Compute &compute);

}  // namespace millm::engine
