#pragma once

#include "core/engine/layers/aten.h"
#include "core/engine/layers/attention.h"
#include "core/engine/layers/state_space.h"

namespace millm::engine {

/// Attention and a state space that read the same input, one layer's (falcon_h1).
class ParallelMixers : public Mixer {
public:
    ParallelMixers(const ParallelMixersDescription &p, std::int64_t layer, WeightSource &weights)
        : description_(p), attention_(p.attention, layer, weights), space_(p.space, layer, weights) {}

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override {
        const ParallelMixersDescription &p = description_;
        const at::Tensor attended = attention_.forward(scaled(x, p.attention_in), pass);
        return scaled(attended, p.attention_out) + scaled(space_.forward(scaled(x, p.space_in), pass), p.space_out);
    }
    std::uint64_t bytes() const override { return attention_.bytes() + space_.bytes(); }

private:
    static at::Tensor scaled(const at::Tensor &x, double scale) { return scale == 1 ? x : x * scale; }

    ParallelMixersDescription description_;
    Attention attention_;
    StateSpace space_;
};

}  // namespace millm::engine
