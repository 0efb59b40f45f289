#pragma once

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// An uninitialised tensor of the CPU for a weight. A token reads each weight once from end to end, so it is asked for in
/// pages of 2 MiB, of which the processor's table of addresses holds enough. Throws std::bad_alloc.
at::Tensor empty_weight(at::IntArrayRef shape, at::ScalarType type);

}  // namespace millm::engine
