#pragma once

#include "core/engine/layers/linear.h"

namespace millm::engine {

std::unique_ptr<Linear> make_plain_cpu_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_plain_cpu_linear(const at::Tensor &weight, const Compute &compute);
std::unique_ptr<Linear> make_four_bit_cpu_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_int8_cpu_linear(const StoredLinear &stored, const Compute &compute);

}  // namespace millm::engine
