#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/batch.h"
#include "core/engine/layers/linear.h"
#include "core/engine/layers/norm.h"

#include <memory>

namespace millm::engine {

/// Causal self-attention with grouped queries, one layer's.
class Attention {
public:
    struct Weights {
        std::unique_ptr<Linear> query, key, value;  ///< or
        std::unique_ptr<Linear> query_key_value;    ///< all three at once
        std::unique_ptr<Linear> output;
        Norm query_norm, key_norm;  ///< over each head, where the family has them
    };
    Attention(const DecoderDescription &decoder, std::int64_t layer, Weights weights);

    /// x: [rows, hidden] -> [rows, hidden]; writes the rows' keys and values into their caches.
    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const;
    std::uint64_t bytes() const;

private:
    void attend_one_by_one(const at::Tensor &q, const std::vector<BatchPart> &parts, at::Tensor &out) const;
    void attend_chunk(const at::Tensor &q, const BatchPart &part, at::Tensor &out) const;
    std::int64_t first_visible(std::int64_t position) const;

    std::int64_t layer_, heads_, kv_heads_, head_dim_;
    std::int64_t window_;  ///< tokens a query sees, itself included; 0 = all
    float scale_;
    Weights weights_;
};

}  // namespace millm::engine
