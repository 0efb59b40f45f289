#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// Where a feed-forward's matrices are among a layer's slots.
struct FeedSlots {
    Slot gate = Slot::Gate, up = Slot::Up, down = Slot::Down;
};

/// down(act(gate(x)) * up(x)), or down(act(up(x))) where there is no gate.
class FeedForward : public Feed {
public:
    FeedForward(const DenseDescription &description, WeightSource &weights, FeedSlots slots = {}, std::int64_t number = -1);

    at::Tensor forward(const at::Tensor &x, const PassContext &) const override { return forward(x); }
    at::Tensor forward(const at::Tensor &x) const;
    bool recordable() const override { return true; }
    std::uint64_t bytes() const override;

private:
    at::Tensor xielu(const at::Tensor &x) const;
    at::Tensor loudest(const at::Tensor &gate) const;

    DenseDescription description_;
    Projections projections_;                      ///< up, gate
    at::Tensor positive_, negative_, beta_, eps_;  ///< xielu's, [1]
    float quantile_ = 0;                           ///< of a normal distribution, where only some gates speak
    std::unique_ptr<Linear> down_;
};

}  // namespace millm::engine
