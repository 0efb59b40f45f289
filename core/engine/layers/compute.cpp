#include "core/engine/layers/compute.h"

#include "core/engine/layers/device_runtime.h"

namespace millm::engine {

std::optional<at::ScalarType> scalar_type(DType dtype) {
    switch (dtype) {
        case DType::F64:
            return at::kDouble;
        case DType::F32:
            return at::kFloat;
        case DType::F16:
            return at::kHalf;
        case DType::BF16:
            return at::kBFloat16;
        default:
            return std::nullopt;
    }
}

std::string type_name(at::ScalarType type) {
    switch (type) {
        case at::kHalf:
            return "float16";
        case at::kBFloat16:
            return "bfloat16";
        default:
            return "float32";
    }
}

Compute choose_compute(at::Device device, ComputeType asked, DType stored) {
    const ComputeTypes types =
        compute_types(device_runtime(device) != nullptr ? DeviceKind::Cuda : DeviceKind::Cpu, asked, stored);
    Compute compute;
    compute.device = device;
    compute.activations = *scalar_type(types.activations);
    compute.cache = *scalar_type(types.cache);
    if (types.weights) compute.weights = scalar_type(*types.weights);
    return compute;
}

std::string device_name(at::Device device) {
    return device.str();
}

}  // namespace millm::engine
