#pragma once

#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// sigmoid(gate(x)) * down(relu(up(x))^2), each product of the token mixed with the one before it, which is the layer's fixed
/// state `state`, [1, hidden] (rwkv).
class ChannelMix : public Feed {
public:
    ChannelMix(std::int64_t layer, std::size_t state, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    std::int64_t layer_;
    std::size_t state_;
    at::Tensor share_, gate_share_;  ///< of a token itself in what each product reads, [hidden] f32
    std::unique_ptr<Linear> up_, gate_, down_;
};

}  // namespace millm::engine
