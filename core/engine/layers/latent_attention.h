#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/mixer.h"
#include "core/engine/layers/scores.h"
#include "core/engine/layers/weight_source.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// Attention whose keys and values are kept as one latent vector a token and a rotary key that all heads share (deepseek).
///
/// Each head's plain key and value are products of the latent. They are not made for every token that is looked back at: a
/// query is carried into the latent space instead, and what it gathers there is carried back, so that all heads attend over one
/// "head" of latent + rotary dimensions.
class LatentAttention : public Mixer {
public:
    LatentAttention(const LatentAttentionDescription &description, std::int64_t layer, WeightSource &weights);

    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const override;
    std::uint64_t bytes() const override;

private:
    at::Tensor queries(const at::Tensor &x) const;

    LatentAttentionDescription description_;
    std::int64_t layer_;
    std::unique_ptr<Linear> query_down_, query_up_, latent_down_, output_;
    Norm query_norm_, latent_norm_;
    std::vector<std::unique_ptr<Linear>> into_latent_;    ///< a head's, [latent, plain_dim]
    std::vector<std::unique_ptr<Linear>> out_of_latent_;  ///< a head's, [value_dim, latent]
    Scores scores_;
};

}  // namespace millm::engine
