#pragma once

#include "core/engine/layers/compute.h"
#include "core/engine/quantization/stored_linear.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace millm::engine {

/// y = x W^T + b: the seam where quantization plugs in. Immutable once built.
class Linear {
public:
    virtual ~Linear() = default;
    /// x: [rows, in] in the compute's activation type, contiguous -> [rows, out] in the same.
    virtual at::Tensor forward(const at::Tensor &x) const = 0;
    /// Resident bytes of weight, scales and bias.
    virtual std::uint64_t bytes() const = 0;
};

/// The Linear for a stored form on a device, from the table in linear.cpp. Copies what it keeps out of the mapping.
/// Throws c10 errors (out of memory, no kernel for the device).
std::unique_ptr<Linear> make_linear(const StoredLinear &stored, const Compute &compute);

/// A Linear over a matrix that is already on the device: the tied head.
std::unique_ptr<Linear> make_linear(const at::Tensor &weight, const Compute &compute);

/// The weight [out, in] of a layer that is stored plainly or that another program packed, on the device, in `type` or as it is.
at::Tensor plain_weight(const StoredLinear &stored, const Compute &compute, std::optional<at::ScalarType> type);

/// Refuses what kernels of the CPU would misread: they take contiguous f32 rows [rows, in].
void check_cpu_rows(const at::Tensor &x, std::int64_t in);

/// A stored tensor copied to the device, in `type` or as stored.
at::Tensor load_tensor(const StoredTensor &stored, const Compute &compute, std::optional<at::ScalarType> type);

}  // namespace millm::engine
