#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// The gated delta rule, one layer's (qwen3_next). A sequence's state: the convolution's last inputs, and a matrix [key_dim,
/// value_dim] a value head, both in float32.
class GatedDelta : public Mixer {
public:
    GatedDelta(const GatedDeltaDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    at::Tensor heads_of_keys(const at::Tensor &x) const;

    GatedDeltaDescription description_;
    std::int64_t layer_;
    Projections projections_;  ///< query, key, value, gate
    Projections rates_;        ///< beta, alpha
    CausalConvolution convolution_;
    at::Tensor decay_rate_, decay_bias_;  ///< [value heads] f32
    Norm norm_;
    std::unique_ptr<Linear> output_;
};

}  // namespace millm::engine
