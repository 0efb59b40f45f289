#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/weight_source.h"

#include <memory>

namespace millm::engine {

/// One layer: a mixer and a feed-forward, each a branch that is added to what passes by.
class DecoderLayer {
public:
    DecoderLayer(const DecoderDescription &decoder, std::int64_t layer, WeightSource &weights);

    /// hidden: [rows, hidden] -> the same.
    at::Tensor forward(const at::Tensor &hidden, const PassContext &pass) const;
    std::uint64_t bytes() const;

private:
    at::Tensor join(const at::Tensor &skip, const at::Tensor &branch, const Norm &after, const BranchScales &scales) const;

    ResidualDescription residual_;
    Norm before_mixer_, after_mixer_, before_feed_, after_feed_;
    std::unique_ptr<Mixer> mixer_;  ///< null where the layer has none
    std::unique_ptr<Feed> feed_;    ///< null where the layer has none
};

}  // namespace millm::engine
