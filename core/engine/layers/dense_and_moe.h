#pragma once

#include "core/engine/layers/experts.h"
#include "core/engine/layers/feed_forward.h"

namespace millm::engine {

/// A dense feed-forward and a mixture of experts side by side, each between norms of its own.
class DenseAndMoe : public Feed {
public:
    DenseAndMoe(const DenseAndMoeDescription &description, std::int64_t hidden, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    Norm before_dense_, after_dense_, before_mixture_, after_mixture_;
    FeedForward dense_;
    Experts mixture_;
};

}  // namespace millm::engine
