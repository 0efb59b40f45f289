#pragma once

#include "core/engine/architectures/description.h"

#include <ATen/core/Tensor.h>

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
    std::uint64_t bytes() const { return stored_bytes_; }

private:
    NormKind kind_ = NormKind::None;
    at::Tensor weight_, bias_;
    at::Tensor own_;  ///< [heads, size] behind an RMS norm without a weight
    double eps_ = 1e-6;
    std::uint64_t stored_bytes_ = 0;
};

}  // namespace millm::engine
