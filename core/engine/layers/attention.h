#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/kernels/cuda/kernels.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/scores.h"
#include "core/engine/layers/weight_source.h"

#include <array>
#include <memory>
#include <optional>

namespace millm::engine {

/// Causal self-attention with grouped queries, one layer's.
class Attention : public Mixer {
public:
    Attention(const AttentionDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    bool recordable() const override;
    std::uint64_t bytes() const override;

private:
    using Parts = std::array<at::Tensor, Projections::most>;
    /// What a kernel of the device takes to put keys and values into the pages; nothing where it has none for these.
    std::optional<cuda::PrepareHeads> written_on_device(const at::Tensor &keys, const at::Tensor &values,
                                                        const PassContext &pass) const;
    /// Norms, rotation and the way into the pages by one kernel of the device; false where it has none for this.
    bool prepare_on_device(const Parts &parts, const PassContext &pass) const;
    /// Puts keys and values [rows, kv_heads, dim] where the pass has room for them.
    void write(const at::Tensor &keys, const at::Tensor &values, const PassContext &pass) const;
    at::Tensor prepare(at::Tensor x, std::int64_t heads, const Norm &norm, const PassContext &pass) const;
    at::Tensor clipped(const at::Tensor &x) const;
    at::Tensor normed(const at::Tensor &x, const Norm &norm) const;
    void scale_queries(at::Tensor &q, const PassContext &pass) const;

    AttentionDescription description_;
    std::int64_t layer_;
    Projections projections_;  ///< query, key, value, the output's gate
    Norm query_norm_, key_norm_, value_norm_;
    std::unique_ptr<Linear> output_;
    Scores scores_;
};

}  // namespace millm::engine
