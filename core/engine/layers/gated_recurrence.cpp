#include "core/engine/layers/gated_recurrence.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/recurrence.h"

#include <array>

namespace millm::engine {

namespace {

constexpr double decay_power = 8;

}  // namespace

GatedRecurrence::GatedRecurrence(const GatedRecurrenceDescription &r, std::int64_t layer, WeightSource &weights)
    : description_(r),
      layer_(layer),
      in_(weights.projections(std::array{Slot::ScanValue, Slot::OutputGate})),
      convolution_(weights.vector(Slot::Convolution).view({r.channels, r.kernel}), weights.vector(Slot::ConvolutionBias)),
      rates_(at::softplus(weights.vector(Slot::DecayRate)).mul_(-decay_power).view({1, 1, r.channels})),
      out_(weights.linear(Slot::RecurrentOut)) {
    const std::int64_t width = r.channels / r.heads;
    input_gate_ = {weights.vector(Slot::InputGate).view({r.heads, width, width}),
                   weights.vector(Slot::InputGateBias).view({r.heads, 1, width})};
    step_gate_ = {weights.vector(Slot::StepGate).view({r.heads, width, width}),
                  weights.vector(Slot::StepGateBias).view({r.heads, 1, width})};
}

at::Tensor GatedRecurrence::Gate::forward(const at::Tensor &x) const {
    // A row at a time, as a sum's order must not depend on how many rows there are.
    const at::Tensor blocks = x.unsqueeze(2);  // [rows, heads, 1, width]
    at::Tensor out = at::empty_like(x);
    for (std::int64_t row = 0; row < x.size(0); ++row)
        out.select(0, row).copy_(at::baddbmm(bias, blocks.select(0, row), weight).squeeze(1));
    return out.sigmoid_();
}

at::Tensor GatedRecurrence::forward(const at::Tensor &x, const PassContext &pass) const {
    const std::int64_t rows = x.size(0), heads = description_.heads;
    const auto in = in_.forward(x);
    const at::Tensor value = convolution_.forward(in[0].to(at::kFloat), layer_, 0, pass);  // [rows, channels]
    const at::Tensor blocks = value.unflatten(1, {heads, description_.channels / heads});
    const at::Tensor step = step_gate_.forward(blocks).flatten(1);
    at::Tensor written = input_gate_.forward(blocks).flatten(1).mul_(value);
    // What keeps the size of the state; a text's first token has nothing in front of it.
    at::Tensor share = (step * rates_.view({-1})).mul_(2).expm1_().neg_().sqrt_();
    for (const BatchPart &part : pass.batch.parts)
        if (part.position() == 0) share.select(0, part.first_row).fill_(1);
    written.mul_(share);

    Recurrent recurrent;
    recurrent.key = recurrent.query = at::ones({rows, 1, 1}, value.options());
    recurrent.value = written.unsqueeze(1);
    recurrent.decay = step.unsqueeze(1);
    recurrent.rates = rates_;
    at::Tensor out = recurrent.run(layer_, 1, pass).squeeze(1);
    out.mul_(activate(description_.activation, in[1].to(at::kFloat).contiguous()));
    return out_->forward(out.to(x.scalar_type()));
}

std::uint64_t GatedRecurrence::bytes() const {
    std::uint64_t total = in_.bytes() + convolution_.bytes() + rates_.nbytes() + out_->bytes();
    for (const Gate *gate : {&input_gate_, &step_gate_}) total += gate->weight.nbytes() + gate->bias.nbytes();
    return total;
}

}  // namespace millm::engine
