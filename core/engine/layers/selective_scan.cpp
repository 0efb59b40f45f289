#include "core/engine/layers/selective_scan.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/recurrence.h"

#include <array>

namespace millm::engine {

SelectiveScan::SelectiveScan(const SelectiveScanDescription &s, std::int64_t layer, WeightSource &weights)
    : description_(s),
      layer_(layer),
      in_(weights.projections(std::array{Slot::ScanValue, Slot::OutputGate})),
      convolution_(weights.vector(Slot::Convolution).view({s.channels, s.kernel}),
                   s.convolution_bias ? weights.vector(Slot::ConvolutionBias) : at::Tensor()),
      choice_(weights.projections(std::array{Slot::StepDown, Slot::ScanKey, Slot::ScanQuery})),
      step_norm_(weights.norm(Slot::StepNorm, s.norm, s.rank)),
      key_norm_(weights.norm(Slot::ScanKeyNorm, s.norm, s.state)),
      query_norm_(weights.norm(Slot::ScanQueryNorm, s.norm, s.state)),
      step_(weights.linear(Slot::Step)),
      out_(weights.linear(Slot::RecurrentOut)),
      rates_(weights.vector(Slot::DecayRate).view({s.channels, s.state}).t().exp().neg().contiguous().unsqueeze(0)),
      skip_(weights.vector(Slot::Skip)) {}

at::Tensor SelectiveScan::forward(const at::Tensor &x, const PassContext &pass) const {
    const auto in = in_.forward(x);
    const at::Tensor convolved = convolution_.forward(in[0].to(at::kFloat), layer_, 0, pass);
    const at::Tensor value = activate(description_.activation, convolved);  // [rows, channels] f32
    const auto choice = choice_.forward(value.to(x.scalar_type()));
    const at::Tensor chosen = step_->forward(step_norm_.forward(choice[0]).contiguous());
    const at::Tensor step = at::softplus(chosen.to(at::kFloat));
    const auto one_head = [](const at::Tensor &values) { return values.to(at::kFloat).unsqueeze(1); };

    Recurrent recurrent;
    recurrent.key = one_head(key_norm_.forward(choice[1]));
    recurrent.query = one_head(query_norm_.forward(choice[2]));
    recurrent.value = one_head(value * step);
    recurrent.decay = one_head(step);
    recurrent.rates = rates_;
    at::Tensor out = recurrent.run(layer_, 1, pass).squeeze(1).addcmul_(value, skip_);
    out.mul_(activate(Activation::Silu, in[1].to(at::kFloat).contiguous()));
    return out_->forward(out.to(x.scalar_type()));
}

std::uint64_t SelectiveScan::bytes() const {
    return in_.bytes() + convolution_.bytes() + choice_.bytes() + step_norm_.bytes() + key_norm_.bytes() + query_norm_.bytes() +
           step_->bytes() + out_->bytes() + rates_.nbytes() + skip_.nbytes();
}

}  // namespace millm::engine
