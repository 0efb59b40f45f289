#pragma once

#include "core/engine/layers/linear.h"
#include "core/engine/layers/norm.h"
#include "core/engine/layers/projection.h"

#include <cstdint>
#include <memory>
#include <span>

namespace millm::engine {

/// The weights of one layer, or of what lies outside the layers, for those that compute with them. Each is asked for once.
class WeightSource {
public:
    virtual ~WeightSource() = default;
    virtual const Compute &compute() const = 0;
    /// `number`: an expert's, -1 where there is one.
    virtual std::unique_ptr<Linear> linear(Slot slot, std::int64_t number = -1) = 0;
    /// Output i of the result is slot i; slots that the decoder does not have are left out.
    virtual Projections projections(std::span<const Slot> slots, std::int64_t number = -1) = 0;
    /// A norm over `size` values; where `heads` is not 0 each head has a weight of its own.
    virtual Norm norm(Slot slot, const NormDescription &description, std::int64_t size, std::int64_t heads = 0) = 0;
    virtual at::Tensor table(Slot slot) = 0;   ///< [rows, width], as it is stored or in the type of weights
    virtual at::Tensor vector(Slot slot) = 0;  ///< f32, as it is stored
    /// A linear's weight [out, in] in plain form, of the type that it had before it was quantized.
    virtual at::Tensor matrix(Slot slot) = 0;
};

}  // namespace millm::engine
