#include "core/engine/layers/laurel.h"

#include "core/engine/layers/aten.h"

#include <numbers>

namespace millm::engine {

Laurel::Laurel(const LaurelDescription &description, std::int64_t hidden, WeightSource &weights)
    : left_(weights.linear(Slot::LaurelLeft)),
      right_(weights.linear(Slot::LaurelRight)),
      norm_(weights.norm(Slot::LaurelNorm, description.norm, hidden)) {}

at::Tensor Laurel::join(const at::Tensor &mixed, const at::Tensor &from) const {
    const at::Tensor around = norm_.forward(right_->forward(left_->forward(from)));
    return (mixed + (from + around)).div_(std::numbers::sqrt2);
}

}  // namespace millm::engine
