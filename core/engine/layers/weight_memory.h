#pragma once

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// An uninitialised tensor of the CPU for a weight that stays as long as its model. A token reads each weight once from end to
/// end, so they lie one behind the other in pages of 2 MiB, of which the processor's table of addresses holds enough. Memory
/// goes back to the system with the last weight of an arena. Throws std::bad_alloc. Any thread.
at::Tensor empty_weight(at::IntArrayRef shape, at::ScalarType type);

}  // namespace millm::engine
