#include "core/engine/layers/norm.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

namespace millm::engine {

Norm::Norm(const NormDescription &description, std::int64_t size, at::Tensor weight, at::Tensor bias, at::TensorOptions options)
    : kind_(description.kind), weight_(std::move(weight)), bias_(std::move(bias)), eps_(description.eps) {
    if (weight_.defined()) stored_bytes_ += weight_.nbytes();
    if (bias_.defined()) stored_bytes_ += bias_.nbytes();
    // In float32: 16 bits would round the sum.
    if (weight_.defined() && description.offset != 0) weight_ = weight_.to(at::kFloat).add_(description.offset);
    if (kind_ == NormKind::Rms && (!weight_.defined() || weight_.dim() == 2)) {
        own_ = std::move(weight_);
        weight_ = at::ones({size}, options);
    }
}

at::Tensor Norm::forward(const at::Tensor &x) const {
    switch (kind_) {
        case NormKind::None:
            return x;
        case NormKind::Rms:
            return own_.defined() ? rms_norm(x.contiguous(), weight_, eps_) * own_ : rms_norm(x.contiguous(), weight_, eps_);
        case NormKind::Layer:
            break;
    }
    if (!weight_.defined() || weight_.dim() == 1) return at::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
    at::Tensor normed = at::layer_norm(x, {x.size(-1)}, {}, {}, eps_) * weight_;
    return bias_.defined() ? normed.add_(bias_) : normed;
}

}  // namespace millm::engine
