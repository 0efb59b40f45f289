#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// A mean of values weighed by e^key, one layer's (rwkv). A sequence's fixed states, in float32: the token before, [1, hidden],
/// and [3, channels]: the sum of weighed values and that of weights, both less by e^m, and m.
class WeightedMean : public Mixer {
public:
    WeightedMean(const WeightedMeanDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    at::Tensor means(const at::Tensor &keys, const at::Tensor &values, const PassContext &pass) const;

    std::int64_t layer_;
    at::Tensor key_share_, value_share_, gate_share_;  ///< of a token itself in what each product reads, [hidden] f32
    at::Tensor decay_;  ///< [channels] f32, the logarithm of what is left of a weight with each token
    at::Tensor bonus_;  ///< [channels] f32
    std::unique_ptr<Linear> key_, value_, gate_, out_;
};

}  // namespace millm::engine
