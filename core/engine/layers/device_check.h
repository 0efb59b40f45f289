#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace millm::engine {

/// Compares each of the device's kernels for activations of `type` with libtorch's functions, on small tensors. Those that fail
/// or give other numbers are taken out of the device's runtime, so that libtorch's functions take their place. Returns what to
/// tell the user: their names, or nothing.
std::string check_device_kernels(at::Device device, at::ScalarType type);

}  // namespace millm::engine
