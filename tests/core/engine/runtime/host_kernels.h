#pragma once

#include "core/engine/kernels/cuda/kernels.h"

#include <cstddef>
#include <cstdint>

// millm::engine::cuda::kernels() of the host, and what tests ask of the stand-in for a device.
namespace millm::engine::cuda::test {

/// Of the process so far.
std::uint64_t launches();

void run_on_host(unsigned blocks, unsigned threads, std::size_t shared, void (*kernel)());
void meet_block();
unsigned own_thread();

}  // namespace millm::engine::cuda::test
