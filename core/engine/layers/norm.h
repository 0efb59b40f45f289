#pragma once

#include "core/engine/architectures/description.h"

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// RMSNorm or LayerNorm over the last dimension.
class Norm {
public:
    Norm() = default;
    /// `bias` only for NormKind::Layer.
    Norm(NormKind kind, at::Tensor weight, at::Tensor bias, double eps)
        : kind_(kind), weight_(std::move(weight)), bias_(std::move(bias)), eps_(eps) {}

    bool defined() const { return weight_.defined(); }
    at::Tensor forward(const at::Tensor &x) const;  ///< [..., size] -> the same
    std::uint64_t bytes() const { return (weight_.defined() ? weight_.nbytes() : 0) + (bias_.defined() ? bias_.nbytes() : 0); }

private:
    NormKind kind_ = NormKind::Rms;
    at::Tensor weight_, bias_;
    double eps_ = 1e-6;
};

}  // namespace millm::engine
