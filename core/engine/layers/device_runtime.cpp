#include "core/engine/layers/device_runtime.h"

namespace millm::engine {

namespace {

std::optional<DeviceRuntime> &runtime_of(at::DeviceType type) {
    static std::optional<DeviceRuntime> cpu, cuda;
    return type == at::kCUDA ? cuda : cpu;
}

}  // namespace

void set_device_runtime(at::DeviceType type, std::optional<DeviceRuntime> runtime) {
    runtime_of(type) = std::move(runtime);
}

const DeviceRuntime *device_runtime(at::Device device) {
    const std::optional<DeviceRuntime> &runtime = runtime_of(device.type());
    return runtime ? &*runtime : nullptr;
}

cuda::Type kernel_type(at::ScalarType type) {
    switch (type) {
        case at::kHalf:
            return cuda::Type::F16;
        case at::kBFloat16:
            return cuda::Type::BF16;
        default:
            return cuda::Type::F32;
    }
}

bool has_aligned_rows(const at::Tensor &x) {
    constexpr std::uintptr_t alignment = 16;
    const auto size = static_cast<std::int64_t>(x.element_size());
    return reinterpret_cast<std::uintptr_t>(x.const_data_ptr()) % alignment == 0 &&
           x.stride(0) * size % static_cast<std::int64_t>(alignment) == 0;
}

}  // namespace millm::engine
