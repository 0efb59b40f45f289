#include "core/engine/layers/weighted_mean.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/token_shift.h"

namespace millm::engine {

namespace {

/// Sums that are kept less by e^largest, so that no power of e overflows.
struct Sums {
    at::Tensor values, weights, largest;  ///< [channels]

    /// With one more value of weight e^key, after e^decay of the sums was left.
    Sums with(const at::Tensor &decayed, const at::Tensor &key, const at::Tensor &value) const {
        const at::Tensor top = decayed.maximum(key);
        const at::Tensor past = (decayed - top).exp_(), now = (key - top).exp_();
        return {(past * values).addcmul_(now, value), now.addcmul(past, weights), top};
    }
};

}  // namespace

WeightedMean::WeightedMean(const WeightedMeanDescription &, std::int64_t layer, WeightSource &weights)
    : layer_(layer),
      key_share_(weights.vector(Slot::MixKey).view({-1})),
      value_share_(weights.vector(Slot::MixValue).view({-1})),
      gate_share_(weights.vector(Slot::MixGate).view({-1})),
      decay_(weights.vector(Slot::DecayRate).exp().neg()),
      bonus_(weights.vector(Slot::Bonus)),
      key_(weights.linear(Slot::Key)),
      value_(weights.linear(Slot::Value)),
      gate_(weights.linear(Slot::OutputGate)),
      out_(weights.linear(Slot::RecurrentOut)) {}

at::Tensor WeightedMean::means(const at::Tensor &keys, const at::Tensor &values, const PassContext &pass) const {
    at::Tensor out = at::empty_like(values);
    for (const BatchPart &part : pass.batch.parts) {
        FixedState &state = part.state->fixed(layer_);
        const at::Tensor kept = state.get(1);
        Sums sums{kept.select(0, 0), kept.select(0, 1), kept.select(0, 2)};
        // Before the first token all are zero: nothing was weighed, so nothing is the largest.
        sums.largest = sums.largest.masked_fill(sums.weights == 0, -1e38F);
        for (std::int64_t row = part.first_row; row < part.first_row + part.rows; ++row) {
            const at::Tensor key = keys.select(0, row), value = values.select(0, row);
            const Sums read = sums.with(sums.largest, key + bonus_, value);
            out.select(0, row).copy_(read.values / read.weights);
            sums = sums.with(sums.largest + decay_, key, value);
        }
        state.set(1, at::stack({sums.values, sums.weights, sums.largest}));
    }
    return out;
}

at::Tensor WeightedMean::forward(const at::Tensor &x, const PassContext &pass) const {
    const TokenPairs tokens(x, layer_, 0, pass);
    const auto product = [&](const Linear &linear, const at::Tensor &share) {
        return linear.forward(tokens.mixed(share).to(x.scalar_type())).to(at::kFloat);
    };
    const at::Tensor gate = product(*gate_, gate_share_).sigmoid_();
    const at::Tensor mean = means(product(*key_, key_share_), product(*value_, value_share_), pass);
    return out_->forward((gate * mean).to(x.scalar_type()));
}

std::uint64_t WeightedMean::bytes() const {
    return key_share_.nbytes() + value_share_.nbytes() + gate_share_.nbytes() + decay_.nbytes() + bonus_.nbytes() +
           key_->bytes() + value_->bytes() + gate_->bytes() + out_->bytes();
}

}  // namespace millm::engine
