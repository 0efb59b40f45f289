#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// A way around a mixer through few dimensions (LaurelDescription).
class Laurel {
public:
    Laurel(const LaurelDescription &description, std::int64_t hidden, WeightSource &weights);

    /// What leaves the mixer's sum, [rows, hidden]: `mixed` is the sum, `from` what the mixer read.
    at::Tensor join(const at::Tensor &mixed, const at::Tensor &from) const;
    std::uint64_t bytes() const { return left_->bytes() + right_->bytes() + norm_.bytes(); }

private:
    std::unique_ptr<Linear> left_, right_;
    Norm norm_;
};

}  // namespace millm::engine
