#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// Mamba's selective scan, one layer's. A sequence's state: the convolution's last inputs, and [state, channels], in float32.
class SelectiveScan : public Mixer {
public:
    SelectiveScan(const SelectiveScanDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    SelectiveScanDescription description_;
    std::int64_t layer_;
    Projections in_;  ///< value, gate
    CausalConvolution convolution_;
    Projections choice_;  ///< of the convolved values: a step's low rank, key, query
    Norm step_norm_, key_norm_, query_norm_;
    std::unique_ptr<Linear> step_, out_;
    at::Tensor rates_;  ///< [1, state, channels] f32
    at::Tensor skip_;   ///< [channels] f32
};

}  // namespace millm::engine
