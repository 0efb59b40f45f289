#include "core/engine/layers/gated_delta.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

#include <array>
#include <cmath>

namespace millm::engine {

namespace {

constexpr double key_eps = 1e-6;

/// x / |x| over the last dimension.
at::Tensor unit_length(const at::Tensor &x) {
    return x * at::rsqrt(x.square().sum(-1, /*keepdim=*/true) + key_eps);
}

}  // namespace

GatedDelta::GatedDelta(const GatedDeltaDescription &d, std::int64_t layer, WeightSource &weights)
    : description_(d),
      layer_(layer),
      projections_(weights.projections(std::array{Slot::Query, Slot::Key, Slot::Value, Slot::DeltaGate})),
      rates_(weights.projections(std::array{Slot::DeltaBeta, Slot::DeltaAlpha})),
      convolution_(weights.vector(Slot::Convolution).view({d.convolved(), d.kernel}), at::Tensor()),
      decay_rate_(weights.vector(Slot::DecayRate).exp()),
      decay_bias_(weights.vector(Slot::DecayBias)),
      norm_(weights.norm(Slot::DeltaNorm, d.norm, d.value_dim)),
      output_(weights.linear(Slot::DeltaOut)) {}

/// [rows, keys] -> [rows, value heads, key_dim]: a key head serves several value heads.
at::Tensor GatedDelta::heads_of_keys(const at::Tensor &x) const {
    const GatedDeltaDescription &d = description_;
    return unit_length(x.unflatten(1, {d.key_heads, d.key_dim})).repeat_interleave(d.value_heads / d.key_heads, 1);
}

at::Tensor GatedDelta::forward(const at::Tensor &x, const PassContext &pass) const {
    const GatedDeltaDescription &d = description_;
    const std::int64_t rows = x.size(0);
    const auto parts = projections_.forward(x);
    const at::Tensor mixed = at::cat({parts[0], parts[1], parts[2]}, 1).to(at::kFloat);
    const at::Tensor convolved = activate(d.activation, convolution_.forward(mixed, layer_, 0, pass));
    const at::Tensor q = heads_of_keys(convolved.narrow(1, 0, d.keys())).mul_(1 / std::sqrt(static_cast<double>(d.key_dim)));
    const at::Tensor k = heads_of_keys(convolved.narrow(1, d.keys(), d.keys()));
    const at::Tensor v = convolved.narrow(1, 2 * d.keys(), d.values()).unflatten(1, {d.value_heads, d.value_dim});
    const auto rates = rates_.forward(x);
    const at::Tensor beta = rates[0].to(at::kFloat).sigmoid();  // [rows, value heads]
    const at::Tensor decay = (at::softplus(rates[1].to(at::kFloat) + decay_bias_) * decay_rate_).neg_().exp_();

    at::Tensor out = at::empty({rows, d.value_heads, d.value_dim}, mixed.options());
    for (const BatchPart &part : pass.batch.parts) {
        FixedState &fixed = part.state->fixed(layer_);
        at::Tensor state = fixed.get(1).clone();  // [value heads, key_dim, value_dim]
        for (std::int64_t row = part.first_row; row < part.first_row + part.rows; ++row) {
            const at::Tensor key = k.select(0, row).unsqueeze(2);  // [value heads, key_dim, 1]
            state.mul_(decay.select(0, row).view({d.value_heads, 1, 1}));
            const at::Tensor recalled = (state * key).sum(1);  // [value heads, value_dim]
            const at::Tensor correction = (v.select(0, row) - recalled).mul_(beta.select(0, row).unsqueeze(1));
            state.addcmul_(key, correction.unsqueeze(1));
            out.select(0, row).copy_((state * q.select(0, row).unsqueeze(2)).sum(1));
        }
        fixed.set(1, std::move(state));
    }
    const at::Tensor gate = at::silu(parts[3].to(at::kFloat)).view({rows, d.value_heads, d.value_dim});
    return output_->forward((norm_.forward(out.to(x.scalar_type())) * gate).to(x.scalar_type()).flatten(1));
}

std::uint64_t GatedDelta::bytes() const {
    return projections_.bytes() + rates_.bytes() + convolution_.bytes() + decay_rate_.nbytes() + decay_bias_.nbytes() +
           norm_.bytes() + output_->bytes();
}

}  // namespace millm::engine
