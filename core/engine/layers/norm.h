#pragma once

#include "core/engine/architectures/description.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace millm::engine {

/// RMSNorm or LayerNorm over the last dimension, or nothing where there is no norm.
class Norm {
public:
    Norm() = default;
    /// `weight` [size], or [heads, size] where each head has its own; undefined where the norm has none. The description's
    /// offset is added to it here.
    Norm(const NormDescription &description, std::int64_t size, at::Tensor weight, at::Tensor bias, at::TensorOptions options);

    bool defined() const { return kind_ != NormKind::None; }
    at::Tensor forward(const at::Tensor &x) const;  ///< [..., size] -> the same, contiguous; x itself where there is no norm
    /// What is added, and the norm of it.
    struct Sum {
        at::Tensor sum, normed;
    };
    /// Of skip + scale * branch, [..., size] each.
    Sum forward_sum(const at::Tensor &skip, const at::Tensor &branch, double scale) const;
    /// The weight [size] of an RMS norm whose rows all have the same, in float32, where the device has kernels; else undefined.
    at::Tensor plain_weight() const {
        return kind_ == NormKind::Rms && wide_weight_.defined() && wide_weight_.dim() == 1 ? wide_weight_ : at::Tensor();
    }
    double eps() const { return eps_; }
    std::uint64_t bytes() const { return stored_bytes_; }

private:
    /// By the device's kernel; nothing where it has none.
    std::optional<Sum> on_device(const at::Tensor &x, const at::Tensor *branch, double scale) const;

    NormKind kind_ = NormKind::None;
    at::Tensor weight_, bias_;
    at::Tensor own_;  ///< [heads, size] behind an RMS norm without a weight
    double eps_ = 1e-6;
    at::Tensor wide_weight_, wide_bias_;  ///< in float32, for the device's kernel
    std::uint64_t stored_bytes_ = 0;
};

}  // namespace millm::engine
