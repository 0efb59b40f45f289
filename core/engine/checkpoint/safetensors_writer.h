#pragma once

#include "core/engine/checkpoint/dtype.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// The first bytes of a safetensors file with these tensors: length and header, padded with blanks to 8 bytes. Brings the
/// tensors into the reference writer's order (wide types first, then by name), which aligns each, and sets their `begin`.
std::string safetensors_header(std::vector<TensorInfo> &tensors);

/// A tensor of a header that is only measured: its name is `stem` and what `part` is called, its type, shape and bytes are the
/// part's. Both outlive it.
struct MeasuredTensor {
    std::string_view stem;
    const TensorInfo *part = nullptr;
};
/// The size of safetensors_header() of these tensors, which need not be spelled out for it. Brings them into its order.
std::uint64_t safetensors_header_bytes(std::vector<MeasuredTensor> &tensors);

}  // namespace millm::engine
