#include "core/engine/plugin/cuda_memory.h"

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>

namespace millm::engine {

int cuda_device_count() {
    return c10::cuda::device_count();
}

std::vector<DeviceInfo> cuda_devices() {
    std::vector<DeviceInfo> devices;
    for (int index = 0; index < cuda_device_count(); ++index) {
        DeviceInfo info;
        info.id = {DeviceKind::Cuda, index};
        cudaDeviceProp properties{};
        if (cudaGetDeviceProperties(&properties, index) == cudaSuccess) info.name = properties.name;
        const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(index));
        std::size_t free = 0, total = 0;
        if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
            info.free_bytes = free;
            info.total_bytes = total;
        }
        devices.push_back(std::move(info));
    }
    return devices;
}

void release_cuda_memory() {
    if (cuda_device_count() > 0) c10::cuda::CUDACachingAllocator::emptyCache();
}

}  // namespace millm::engine
