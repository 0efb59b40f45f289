#include "core/engine/layers/gated_delta.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/recurrence.h"

#include <array>
#include <cmath>

namespace millm::engine {

namespace {

constexpr double key_eps = 1e-6;

/// x / |x| over the last dimension.
at::Tensor unit_length(const at::Tensor &x) {
    return x * at::rsqrt(x.square().sum(-1, /*keepdim=*/true) + key_eps);
}

/// The convolution of query, key and value, [convolved, kernel], stored in one tensor or in three.
at::Tensor taps_of(const GatedDeltaDescription &d, WeightSource &weights) {
    at::Tensor taps = weights.vector(Slot::QueryConvolution);
    if (taps.numel() < d.convolved() * d.kernel)
        taps = at::cat({taps, weights.vector(Slot::KeyConvolution), weights.vector(Slot::ValueConvolution)});
    TORCH_CHECK(taps.numel() == d.convolved() * d.kernel, "a convolution of ", taps.numel() / d.kernel, " channels, not of ",
                d.convolved());
    return taps.view({d.convolved(), d.kernel});
}

}  // namespace

GatedDelta::GatedDelta(const GatedDeltaDescription &d, std::int64_t layer, WeightSource &weights)
    : description_(d),
      layer_(layer),
      convolution_(taps_of(d, weights), at::Tensor()),
      decay_rate_(weights.vector(Slot::DecayRate).exp()),
      step_bias_(weights.vector(Slot::StepBias)),
      norm_(weights.norm(Slot::RecurrentNorm, d.norm, d.value_dim)),
      output_(weights.linear(Slot::RecurrentOut)) {
    if (d.rank == 0) {
        projections_ = weights.projections(std::array{Slot::Query, Slot::Key, Slot::Value, Slot::OutputGate});
        rates_ = weights.projections(std::array{Slot::Strength, Slot::Step});
        return;
    }
    projections_ = weights.projections(std::array{Slot::Query, Slot::Key, Slot::Value});
    rates_ = weights.projections(std::array{Slot::Strength});
    gate_down_ = weights.linear(Slot::GateDown);
    gate_up_ = weights.linear(Slot::OutputGate);
    step_down_ = weights.linear(Slot::StepDown);
    step_up_ = weights.linear(Slot::Step);
    decay_rate_ = decay_rate_.unsqueeze(1);
}

at::Tensor GatedDelta::forward(const at::Tensor &x, const PassContext &pass) const {
    const GatedDeltaDescription &d = description_;
    const auto parts = projections_.forward(x);
    const at::Tensor mixed = at::cat({parts[0], parts[1], parts[2]}, 1).to(at::kFloat);
    const at::Tensor convolved = activate(d.activation, convolution_.forward(mixed, layer_, 0, pass));
    const auto keys = [&](std::int64_t at) {
        return unit_length(convolved.narrow(1, at * d.keys(), d.keys()).unflatten(1, {d.key_heads, d.key_dim}));
    };
    const auto rates = rates_.forward(x);

    Recurrent recurrent;
    recurrent.query = keys(0).mul_(1 / std::sqrt(static_cast<double>(d.key_dim)));
    recurrent.key = keys(1);
    recurrent.value = convolved.narrow(1, 2 * d.keys(), d.values()).unflatten(1, {d.value_heads, d.value_dim});
    recurrent.strength = rates[0].to(at::kFloat).sigmoid().mul_(d.strength);
    at::Tensor step =
        at::softplus((d.rank > 0 ? step_up_->forward(step_down_->forward(x)) : rates[1]).to(at::kFloat) + step_bias_);
    if (d.rank > 0) step = step.unflatten(1, {d.key_heads, d.key_dim});
    recurrent.decay = (step * decay_rate_).neg_().exp_();
    const at::Tensor out = recurrent.run(layer_, 1, pass);

    at::Tensor gate = (d.rank > 0 ? gate_up_->forward(gate_down_->forward(x)) : parts[3]).to(at::kFloat);
    gate = (d.sigmoid_gate ? gate.sigmoid() : at::silu(gate)).view({x.size(0), d.value_heads, d.value_dim});
    return output_->forward((norm_.forward(out.to(x.scalar_type())) * gate).to(x.scalar_type()).flatten(1));
}

std::uint64_t GatedDelta::bytes() const {
    std::uint64_t total = projections_.bytes() + rates_.bytes() + convolution_.bytes() + decay_rate_.nbytes() +
                          step_bias_.nbytes() + norm_.bytes() + output_->bytes();
    for (const auto *linear : {&gate_down_, &gate_up_, &step_down_, &step_up_})
        if (*linear) total += (*linear)->bytes();
    return total;
}

}  // namespace millm::engine
