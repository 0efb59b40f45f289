#include "core/engine/layers/state_space.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/recurrence.h"

#include <array>

namespace millm::engine {

StateSpace::StateSpace(const StateSpaceDescription &s, std::int64_t layer, WeightSource &weights)
    : description_(s),
      layer_(layer),
      in_(weights.projections(std::array{Slot::OutputGate, Slot::ScanValue, Slot::ScanKey, Slot::ScanQuery, Slot::Step})),
      convolution_(weights.vector(Slot::Convolution).view({s.convolved(), s.kernel}),
                   s.convolution_bias ? weights.vector(Slot::ConvolutionBias) : at::Tensor()),
      step_bias_(weights.vector(Slot::StepBias)),
      rate_(weights.vector(Slot::DecayRate).exp().neg()),
      skip_(weights.vector(Slot::Skip)),
      norm_(weights.norm(Slot::RecurrentNorm, s.norm, s.channels() / s.norm_groups, s.norm_groups > 1 ? s.norm_groups : 0)),
      out_(weights.linear(Slot::RecurrentOut)) {}

at::Tensor StateSpace::forward(const at::Tensor &x, const PassContext &pass) const {
    const StateSpaceDescription &s = description_;
    auto in = in_.forward(x);
    for (std::size_t i = 0; i < s.scales.size(); ++i)
        if (s.scales[i] != 1) in[i] = in[i] * s.scales[i];
    const at::Tensor mixed = at::cat({in[1], in[2], in[3]}, 1).to(at::kFloat);
    const at::Tensor convolved = activate(s.activation, convolution_.forward(mixed, layer_, 0, pass));
    const at::Tensor value = convolved.narrow(1, 0, s.channels()).unflatten(1, {s.heads, s.head_dim});
    const auto keys = [&](std::int64_t at) {
        return convolved.narrow(1, s.channels() + at * s.keys(), s.keys()).unflatten(1, {s.groups, s.state});
    };
    const at::Tensor step = at::softplus(in[4].to(at::kFloat) + step_bias_).clamp_(s.least_step, s.most_step);  // [rows, heads]

    Recurrent recurrent;
    recurrent.key = keys(0);
    recurrent.query = keys(1);
    recurrent.value = value * step.unsqueeze(2);
    recurrent.decay = (step * rate_).exp_();
    at::Tensor out = recurrent.run(layer_, 1, pass).addcmul_(value, skip_.unsqueeze(1)).flatten(1);

    const at::Tensor gate = activate(Activation::Silu, in[0].to(at::kFloat).contiguous());
    if (!s.gate_behind_norm) out.mul_(gate);
    if (norm_.defined()) out = normed(out, x.scalar_type());
    if (s.gate_behind_norm) out = out * gate;
    return out_->forward(out.to(x.scalar_type()));
}

at::Tensor StateSpace::normed(const at::Tensor &out, at::ScalarType type) const {
    const std::int64_t groups = description_.norm_groups;
    const at::Tensor typed = out.to(type);
    return groups > 1 ? norm_.forward(typed.unflatten(1, {groups, typed.size(1) / groups})).flatten(1) : norm_.forward(typed);
}

std::uint64_t StateSpace::bytes() const {
    return in_.bytes() + convolution_.bytes() + step_bias_.nbytes() + rate_.nbytes() + skip_.nbytes() + norm_.bytes() +
           out_->bytes();
}

}  // namespace millm::engine
