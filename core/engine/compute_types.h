#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/device.h"

#include <cstdint>
#include <optional>

namespace millm::engine {

enum class ComputeType : std::uint8_t { Auto, Float32, BFloat16, Float16 };  ///< Auto: the checkpoint's 16-bit type

/// How quantized weights meet their inputs on the CPU (docs/numerics.md). Shapes that the fast way has no form for go the exact
/// one.
enum class Products : std::uint8_t {
    Fast,   ///< inputs rounded to 16 bits in blocks of 64, products of integers
    Exact,  ///< inputs in float32
};

/// In which types a model computes; its memory follows from them.
struct ComputeTypes {
    DType activations = DType::F32;  ///< F32 on the CPU whatever the weights are; the 16-bit type on CUDA
    DType cache = DType::F32;        ///< of keys and values
    /// What plain weights are kept in. Nothing: as stored (F64 as F32).
    std::optional<DType> weights;
};

/// The types for a checkpoint whose embeddings are stored as `stored`.
ComputeTypes compute_types(DeviceKind device, ComputeType asked, DType stored);

}  // namespace millm::engine
