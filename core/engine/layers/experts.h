#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/feed_forward.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// The experts that a router chose for one row, and what each counts.
struct Choice {
    std::vector<std::int64_t> experts;
    std::vector<float> weights;
};

/// Chooses by a row's router logits [experts]; `correction` [experts] or null is added for the choice alone, `scales`
/// [experts] or null multiply the chosen weights.
Choice choose_experts(const MoeDescription &moe, const float *logits, const float *correction, const float *scales = nullptr);

/// A mixture of experts: each row passes those that the router chooses for it, and what all rows share.
class Experts : public Feed {
public:
    Experts(const MoeDescription &description, std::int64_t hidden, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &) const override { return forward(x, x); }
    /// The experts compute with `x`, the router chooses by `asked`; both [rows, hidden].
    at::Tensor forward(const at::Tensor &x, const at::Tensor &asked) const;
    std::uint64_t bytes() const override;

private:
    MoeDescription description_;
    Norm router_norm_;
    std::unique_ptr<Linear> router_;
    at::Tensor correction_, scales_;  ///< [experts] f32 on the CPU, or undefined
    std::vector<std::unique_ptr<FeedForward>> experts_;
    std::unique_ptr<FeedForward> shared_;
    std::unique_ptr<Linear> shared_router_;
};

}  // namespace millm::engine
