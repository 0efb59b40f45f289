#include "core/engine/layers/latent_attention.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

#include <cmath>

namespace millm::engine {

namespace {

/// x: [rows, heads, in] -> [rows, heads, out], each head by a matrix of its own.
at::Tensor by_head(const std::vector<std::unique_ptr<Linear>> &heads, const at::Tensor &x) {
    std::vector<at::Tensor> results;
    for (std::size_t head = 0; head < heads.size(); ++head)
        results.push_back(heads[head]->forward(x.select(1, static_cast<std::int64_t>(head)).contiguous()));
    return at::stack(results, 1);
}

std::uint64_t bytes_of(const std::vector<std::unique_ptr<Linear>> &heads) {
    std::uint64_t total = 0;
    for (const auto &head : heads) total += head->bytes();
    return total;
}

}  // namespace

LatentAttention::LatentAttention(const LatentAttentionDescription &a, std::int64_t layer, WeightSource &weights)
    : description_(a), layer_(layer) {
    if (a.query_rank > 0) {
        query_down_ = weights.linear(Slot::QueryDown);
        query_norm_ = weights.norm(Slot::QueryDownNorm, a.norm, a.query_rank);
        query_up_ = weights.linear(Slot::QueryUp);
    } else {
        query_up_ = weights.linear(Slot::Query);
    }
    latent_down_ = weights.linear(Slot::LatentDown);
    latent_norm_ = weights.norm(Slot::LatentNorm, a.norm, a.latent);
    // [heads, plain + value, latent]: rows of a head's keys, then of its values.
    const at::Tensor up = weights.matrix(Slot::LatentUp).view({a.heads, a.plain_dim + a.value_dim, a.latent});
    for (std::int64_t head = 0; head < a.heads; ++head) {
        const at::Tensor own = up.select(0, head);
        into_latent_.push_back(make_linear(own.narrow(0, 0, a.plain_dim).t().contiguous(), weights.compute()));
        out_of_latent_.push_back(make_linear(own.narrow(0, a.plain_dim, a.value_dim).contiguous(), weights.compute()));
    }
    output_ = weights.linear(Slot::AttentionOutput);
    scores_ = Scores(a.scores, 1 / std::sqrt(static_cast<double>(a.plain_dim + a.rope_dim)), a.heads, 1, at::Tensor(),
                     weights.compute().device);
}

at::Tensor LatentAttention::queries(const at::Tensor &x) const {
    const at::Tensor down = query_down_ ? query_norm_.forward(query_down_->forward(x)) : x;
    return query_up_->forward(down).unflatten(1, {description_.heads, description_.plain_dim + description_.rope_dim});
}

at::Tensor LatentAttention::forward(const at::Tensor &x, const PassContext &pass) const {
    const LatentAttentionDescription &a = description_;
    const auto turn = [&](at::Tensor &part) {
        if (a.rope < 0) return;
        const Angles &angles = pass.ropes[static_cast<std::size_t>(a.rope)];
        rotate(part, angles.cos, angles.sin, angles.interleaved);
    };
    const at::Tensor q = queries(x);  // [rows, heads, plain + rope]
    at::Tensor q_rope = q.narrow(2, a.plain_dim, a.rope_dim).contiguous();
    turn(q_rope);

    const at::Tensor down = latent_down_->forward(x);  // [rows, latent + rope]
    const at::Tensor latent = latent_norm_.forward(down.narrow(1, 0, a.latent)).unsqueeze(1);
    at::Tensor k_rope = down.narrow(1, a.latent, a.rope_dim).unsqueeze(1).contiguous();  // [rows, 1, rope]
    turn(k_rope);
    const at::Tensor kept = at::cat({latent, k_rope}, 2);  // [rows, 1, latent + rope]
    for (const BatchPart &part : pass.batch.parts)
        part.state->tokens(layer_).write(0, part.position(), kept.narrow(0, part.first_row, part.rows));

    const at::Tensor carried = at::cat({by_head(into_latent_, q.narrow(2, 0, a.plain_dim)), q_rope}, 2);
    const at::Tensor gathered = scores_.attend(carried, a.latent, layer_, pass);  // [rows, heads, latent]
    return output_->forward(by_head(out_of_latent_, gathered).flatten(1));
}

std::uint64_t LatentAttention::bytes() const {
    std::uint64_t total = query_norm_.bytes() + latent_norm_.bytes() + bytes_of(into_latent_) + bytes_of(out_of_latent_);
    for (const auto *linear : {&query_down_, &query_up_, &latent_down_, &output_})
        if (*linear) total += (*linear)->bytes();
    return total;
}

}  // namespace millm::engine
