#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/compute_types.h"

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// Where and in which types a model computes: ComputeTypes in torch's terms.
struct Compute {
    at::Device device = at::kCPU;
    at::ScalarType activations = at::kFloat, cache = at::kFloat;
    std::optional<at::ScalarType> weights;
    Products products = Products::Fast;
    bool narrow_inputs = false;  ///< fast products round inputs to one byte each, not to two
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
