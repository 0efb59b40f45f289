#include "core/engine/layers/dense_and_moe.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

DenseAndMoe::DenseAndMoe(const DenseAndMoeDescription &description, std::int64_t hidden, WeightSource &weights)
    : before_dense_(weights.norm(Slot::BeforeFeed, description.before_dense, hidden)),
      after_dense_(weights.norm(Slot::AfterDense, description.after_dense, hidden)),
      before_mixture_(weights.norm(Slot::BeforeMixture, description.before_mixture, hidden)),
      after_mixture_(weights.norm(Slot::AfterMixture, description.after_mixture, hidden)),
      dense_(description.dense, weights),
      mixture_(description.mixture, hidden, weights) {}

at::Tensor DenseAndMoe::forward(const at::Tensor &x, const PassContext &) const {
    const at::Tensor dense = after_dense_.forward(dense_.forward(before_dense_.forward(x)));
    return dense + after_mixture_.forward(mixture_.forward(before_mixture_.forward(x), x));
}

std::uint64_t DenseAndMoe::bytes() const {
    return before_dense_.bytes() + after_dense_.bytes() + before_mixture_.bytes() + after_mixture_.bytes() + dense_.bytes() +
           mixture_.bytes();
}

}  // namespace millm::engine
