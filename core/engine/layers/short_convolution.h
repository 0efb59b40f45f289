#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/causal_convolution.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// A gated convolution over the last few tokens, one layer's (lfm2).
class ShortConvolution : public Mixer {
public:
    ShortConvolution(const ShortConvolutionDescription &description, std::int64_t hidden, std::int64_t layer,
                     WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override { return in_->bytes() + convolution_.bytes() + out_->bytes(); }

private:
    std::int64_t hidden_, layer_;
    std::unique_ptr<Linear> in_, out_;
    CausalConvolution convolution_;
};

}  // namespace millm::engine
