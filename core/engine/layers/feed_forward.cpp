#include "core/engine/layers/feed_forward.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

#include <array>
#include <numbers>

namespace millm::engine {

FeedForward::FeedForward(const DenseDescription &description, WeightSource &weights, FeedSlots slots, std::int64_t number)
    : description_(description),
      projections_(weights.projections(std::array{slots.up, slots.gate}, number)),
      down_(weights.linear(slots.down, number)) {
    // In float32, as the reference has it.
    if (description.sparsity > 0)
        quantile_ = at::tensor({static_cast<float>(description.sparsity)}, at::kFloat).mul_(2).sub_(1).erfinv_().item<float>() *
                    std::numbers::sqrt2_v<float>;
    if (description.activation != Activation::Xielu) return;
    // Stored so that any value of theirs is allowed: the function has their softplus.
    const auto softplus = [&](Slot slot) { return weights.vector(slot).exp().add_(1).log_(); };
    beta_ = weights.vector(Slot::XieluBeta);
    eps_ = weights.vector(Slot::XieluEps);
    positive_ = softplus(Slot::XieluPositive);
    negative_ = softplus(Slot::XieluNegative).add_(beta_);
}

at::Tensor FeedForward::forward(const at::Tensor &x) const {
    auto [up, gate, third, fourth, fifth] = projections_.forward(x);  // [rows, size]
    if (description_.activation == Activation::Xielu) return down_->forward(xielu(up));
    if (description_.sparsity > 0) gate = loudest(gate);
    if (gate.defined() && description_.gate_scale != 1) gate = gate * description_.gate_scale;
    const at::Tensor fed =
        down_->forward(gate.defined() ? activate(description_.activation, gate, up) : activate(description_.activation, up));
    return description_.scale == 1 ? fed : fed * description_.scale;
}

at::Tensor FeedForward::xielu(const at::Tensor &x) const {
    const at::Tensor linear = x * beta_;
    const at::Tensor positive = x.square().mul_(positive_).add_(linear);
    const at::Tensor negative = x.clamp_max(eps_).expm1().sub_(x).mul_(negative_).add_(linear);
    return at::where(x > 0, positive, negative);
}

/// What stands out of a row's gates: their excess over the quantile, as if they were spread normally.
at::Tensor FeedForward::loudest(const at::Tensor &gate) const {
    const at::Tensor wide = gate.to(at::kFloat), mean = wide.mean(-1, /*keepdim=*/true);
    const at::Tensor deviation = (wide - mean).square_().mean(-1, /*keepdim=*/true).sqrt_();
    return (wide - (mean + deviation * quantile_)).relu_().to(gate.scalar_type());
}

std::uint64_t FeedForward::bytes() const {
    std::uint64_t total = projections_.bytes() + down_->bytes();
    for (const at::Tensor *value : {&positive_, &negative_, &beta_, &eps_})
        if (value->defined()) total += value->nbytes();
    return total;
}

}  // namespace millm::engine
