#include "core/engine/layers/compute.h"

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
    Compute compute;
    compute.device = device;
    const std::optional<at::ScalarType> stored_type = scalar_type(stored);
    const bool stored_in_16 = stored_type == at::kHalf || stored_type == at::kBFloat16;
    switch (asked) {
        case ComputeType::Float32:
            compute.cache = at::kFloat;
            break;
        case ComputeType::BFloat16:
            compute.weights = compute.cache = at::kBFloat16;
            break;
        case ComputeType::Float16:
            compute.weights = compute.cache = at::kHalf;
            break;
        case ComputeType::Auto:
            compute.cache = stored_in_16 ? *stored_type : device.is_cuda() ? at::kHalf : at::kFloat;
            if (stored_in_16 || device.is_cuda()) compute.weights = compute.cache;
            break;
    }
    if (device.is_cuda()) {
        // torch multiplies only equal types there; exact arithmetic on 16-bit weights means widened ones.
        compute.activations = compute.cache;
        compute.weights = compute.cache;
    }
    return compute;
}

std::string device_name(at::Device device) {
    return device.str();
}

}  // namespace millm::engine
