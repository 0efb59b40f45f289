#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// Linear attention with a decay a head, one layer's (minimax). A sequence's state: a matrix [head_dim, head_dim] a head, in
/// float32.
class LinearAttention : public Mixer {
public:
    LinearAttention(const LinearAttentionDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    LinearAttentionDescription description_;
    std::int64_t layer_;
    Projections in_;     ///< query, key, value
    at::Tensor decays_;  ///< [1, heads] f32
    Norm norm_;
    std::unique_ptr<Linear> gate_, out_;
};

}  // namespace millm::engine
