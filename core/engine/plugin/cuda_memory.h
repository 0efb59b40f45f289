#pragma once

#include "core/engine/device.h"

#include <vector>

namespace millm::engine {

int cuda_device_count();  ///< 0 where there is no driver
std::vector<DeviceInfo> cuda_devices();
void release_cuda_memory();

}  // namespace millm::engine
