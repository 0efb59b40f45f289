#pragma once

#include "core/engine/layers/compute.h"
#include "core/engine/quantization/stored_linear.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace millm::engine {

/// y = x W^T + b: the seam where quantization plugs in. Immutable once built.
class Linear {
public:
    virtual ~Linear() = default;
    /// x: [rows, in] in the compute's activation type, contiguous -> [rows, out] in the same.
    virtual at::Tensor forward(const at::Tensor &x) const = 0;
    /// Whether both can be multiplied with the same rows in one run; then forward_together() takes them.
    virtual bool runs_with(const Linear &) const { return false; }
    /// What each of `all` makes of x: this one is the first, and runs with the others.
    virtual std::vector<at::Tensor> forward_together(std::span<const Linear *const> all, const at::Tensor &x) const;
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

/// Bytes as a tensor of the device, in the type that they have.
at::Tensor copy_to_device(std::span<const std::byte> bytes, at::IntArrayRef shape, at::ScalarType type, at::Device device);

/// A stored tensor copied to the device, in `type` or as stored.
at::Tensor load_tensor(const StoredTensor &stored, const Compute &compute, std::optional<at::ScalarType> type);

}  // namespace millm::engine
