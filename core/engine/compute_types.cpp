#include "core/engine/compute_types.h"

namespace millm::engine {

ComputeTypes compute_types(DeviceKind device, ComputeType asked, DType stored) {
    const bool cuda = device == DeviceKind::Cuda;
    const bool stored_in_16 = stored == DType::F16 || stored == DType::BF16;
    ComputeTypes types;
    switch (asked) {
        case ComputeType::Float32:
            break;
        case ComputeType::BFloat16:
            types.weights = types.cache = DType::BF16;
            break;
        case ComputeType::Float16:
            types.weights = types.cache = DType::F16;
            break;
        case ComputeType::Auto:
            types.cache = stored_in_16 ? stored : cuda ? DType::F16 : DType::F32;
            if (stored_in_16 || cuda) types.weights = types.cache;
            break;
    }
    // torch multiplies only equal types there; exact arithmetic on 16-bit weights means widened ones.
    if (cuda) types.activations = types.cache, types.weights = types.cache;
    return types;
}

}  // namespace millm::engine
