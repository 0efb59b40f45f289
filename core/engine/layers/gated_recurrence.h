#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// Griffin's gated recurrence, one layer's (recurrent_gemma). A sequence's state: the convolution's last inputs, and one value
/// a channel, in float32.
class GatedRecurrence : public Mixer {
public:
    GatedRecurrence(const GatedRecurrenceDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    /// sigmoid of a product in blocks: `x` [rows, heads, width] -> the same.
    struct Gate {
        at::Tensor weight, bias;  ///< [heads, width in, width out] and [heads, 1, width], f32
        at::Tensor forward(const at::Tensor &x) const;
    };

    GatedRecurrenceDescription description_;
    std::int64_t layer_;
    Projections in_;  ///< value, gate
    CausalConvolution convolution_;
    Gate input_gate_, step_gate_;
    at::Tensor rates_;  ///< [1, 1, channels] f32
    std::unique_ptr<Linear> out_;
};

}  // namespace millm::engine
