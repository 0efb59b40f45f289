#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/device.h"
#include "core/engine/language_model.h"

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// Where and in which types a model computes.
struct Compute {
    at::Device device = at::kCPU;
    at::ScalarType activations = at::kFloat;  ///< f32 on the CPU whatever the weights are; the 16-bit type on CUDA
    at::ScalarType cache = at::kFloat;        ///< of keys and values
    /// What plain weights are kept in. Nothing: as stored (F64 as F32).
    std::optional<at::ScalarType> weights;
};

/// Nothing for types that torch does not compute in.
std::optional<at::ScalarType> scalar_type(DType dtype);
/// "bfloat16"
std::string type_name(at::ScalarType type);

/// The types for a checkpoint whose embeddings are stored as `stored`.
Compute choose_compute(at::Device device, ComputeType asked, DType stored);

/// "cpu", "cuda:0"
std::string device_name(at::Device device);

}  // namespace millm::engine
