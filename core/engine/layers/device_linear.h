#pragma once

#include "core/engine/layers/linear.h"

namespace millm::engine {

// For a device that has a runtime (device_runtime.h).
std::unique_ptr<Linear> make_plain_device_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_plain_device_linear(const at::Tensor &weight);
std::unique_ptr<Linear> make_four_bit_device_linear(const StoredLinear &stored, const Compute &compute);
std::unique_ptr<Linear> make_int8_device_linear(const StoredLinear &stored, const Compute &compute);

}  // namespace millm::engine
