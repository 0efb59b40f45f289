#pragma once

#include "core/engine/kernels/cuda/kernels.h"

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace millm::engine {

/// Launches that were recorded once and are made again by one call, with what their memory holds then.
class RecordedLaunches {
public:
    virtual ~RecordedLaunches() = default;
    virtual void replay() = 0;
};

/// What tensors of one kind of device are computed with beside libtorch's functions: the CUDA engine has it for its devices,
/// and tests put the kernels' stand-in under the CPU. A kernel that the device cannot run is null, and libtorch's functions
/// take its place.
struct DeviceRuntime {
    cuda::Kernels kernels;
    /// Makes the device the calling thread's and returns its current stream.
    void *(*enter)(at::Device device) = nullptr;
    /// Throws where a launch has failed.
    void (*check)() = nullptr;
    /// Copies bytes to the device's memory at `to`; what the calling thread launches afterwards sees them. Null: libtorch
    /// copies.
    void (*upload)(at::Device device, std::span<const std::byte> from, void *to) = nullptr;
    /// No more uploads for now: gives back what they took.
    void (*end_uploads)() = nullptr;
    /// Records what `work` launches, which runs at least once; all memory that it takes stays taken. Throws where something of
    /// it cannot be recorded. Null where nothing can.
    std::unique_ptr<RecordedLaunches> (*record)(at::Device device, std::function<void()> work) = nullptr;
};

/// Before any model is loaded for that kind of device, or behind all of them.
void set_device_runtime(at::DeviceType type, std::optional<DeviceRuntime> runtime);
/// Null where the device has none.
const DeviceRuntime *device_runtime(at::Device device);

/// float32 for types that are none of the kernels'.
cuda::Type kernel_type(at::ScalarType type);
/// Whether the kernels take x's values, rows of which begin at addresses that 16 bytes divide.
bool has_aligned_rows(const at::Tensor &x);

}  // namespace millm::engine
