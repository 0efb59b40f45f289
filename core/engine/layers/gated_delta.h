#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// The gated delta rule, one layer's. A sequence's state: the convolution's last inputs, and a matrix [key_dim,
/// value_dim] a value head, both in float32.
class GatedDelta : public Mixer {
public:
    GatedDelta(const GatedDeltaDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    GatedDeltaDescription description_;
    std::int64_t layer_;
    Projections projections_;                      ///< query, key, value, and a gate that has no low rank
    Projections rates_;                            ///< strength, and a step that has none
    std::unique_ptr<Linear> gate_down_, gate_up_;  ///< of a gate that has one
    std::unique_ptr<Linear> step_down_, step_up_;
    CausalConvolution convolution_;
    at::Tensor decay_rate_;  ///< [value heads] f32, with a step of low rank [value heads, 1]
    at::Tensor step_bias_;   ///< [value heads] f32, with a step of low rank [keys]
    Norm norm_;
    std::unique_ptr<Linear> output_;
};

}  // namespace millm::engine
