#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// Mamba 2's state space, one layer's. A sequence's state: the convolution's last inputs, and a matrix [state, head_dim] a
/// head, in float32.
class StateSpace : public Mixer {
public:
    StateSpace(const StateSpaceDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    at::Tensor normed(const at::Tensor &out, at::ScalarType type) const;

    StateSpaceDescription description_;
    std::int64_t layer_;
    Projections in_;  ///< gate, value, key, query, step
    CausalConvolution convolution_;
    at::Tensor step_bias_, rate_, skip_;  ///< [heads] f32
    Norm norm_;                           ///< of each of the norm's groups
    std::unique_ptr<Linear> out_;
};

}  // namespace millm::engine
