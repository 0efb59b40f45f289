#pragma once

#include "core/engine/device.h"

#include <cstdint>
#include <vector>

namespace millm::engine {

/// Hands memory that allocators keep for later back to the system and the device.
void release_free_memory();

/// Bytes that the process holds through the C library's allocator; 0 where it does not tell.
std::uint64_t allocated_bytes();

/// The CPU, and the CUDA devices where this build has CUDA.
std::vector<DeviceInfo> list_devices();

/// Whether this build has CUDA and finds a device.
bool cuda_is_usable();

}  // namespace millm::engine
