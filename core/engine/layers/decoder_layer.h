#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/laurel.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/streams.h"
#include "core/engine/layers/token_inputs.h"
#include "core/engine/layers/weight_source.h"

#include <memory>
#include <optional>

namespace millm::engine {

/// One layer: a mixer and a feed-forward, each a branch that is added to what passes by.
class DecoderLayer {
public:
    DecoderLayer(const DecoderDescription &decoder, std::int64_t layer, WeightSource &weights);

    /// hidden: [rows, hidden], or [streams, rows, hidden] where there are several -> the same.
    at::Tensor forward(const at::Tensor &hidden, const PassContext &pass) const;
    bool recordable() const;  ///< see Mixer
    std::uint64_t bytes() const;

private:
    at::Tensor branches(const at::Tensor &hidden, const PassContext &pass) const;
    at::Tensor pass_streams(const at::Tensor &streams, const PassContext &pass) const;
    at::Tensor join(const at::Tensor &skip, const at::Tensor &branch, const Norm &after, const BranchScales &scales) const;

    ResidualDescription residual_;
    Norm before_mixer_, after_mixer_, before_feed_, after_feed_;
    // Null where the layer has none.
    std::unique_ptr<Mixer> mixer_;
    std::unique_ptr<Feed> feed_;
    std::unique_ptr<Laurel> laurel_;
    std::unique_ptr<TokenInput> token_input_;
    std::unique_ptr<Streams> streams_;
    std::int64_t active_ = 0;     ///< the stream that the branches compute with
    std::optional<float> scale_;  ///< of what leaves the layer
};

}  // namespace millm::engine
