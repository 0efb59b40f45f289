#include "core/engine/layers/attention.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/parallel.h"

#include <algorithm>
#include <cmath>

namespace millm::engine {

Attention::Attention(const DecoderDescription &decoder, std::int64_t layer, Weights weights)
    : layer_(layer),
      heads_(decoder.heads),
      kv_heads_(decoder.kv_heads),
      head_dim_(decoder.head_dim),
      window_(decoder.sliding_window.empty() ? 0 : decoder.sliding_window[static_cast<std::size_t>(layer)]),
      scale_(1.0F / std::sqrt(static_cast<float>(decoder.head_dim))),
      weights_(std::move(weights)) {}

at::Tensor Attention::forward(const at::Tensor &x, const PassContext &pass) const {
    const std::int64_t rows = x.size(0), q_size = heads_ * head_dim_, kv_size = kv_heads_ * head_dim_;
    at::Tensor q, k, v;
    if (weights_.query_key_value) {
        const at::Tensor all = weights_.query_key_value->forward(x);
        q = all.narrow(1, 0, q_size);
        k = all.narrow(1, q_size, kv_size);
        v = all.narrow(1, q_size + kv_size, kv_size);
    } else {
        q = weights_.query->forward(x);
        k = weights_.key->forward(x);
        v = weights_.value->forward(x);
    }
    q = q.unflatten(1, {heads_, head_dim_});     // [rows, heads, head_dim]
    k = k.unflatten(1, {kv_heads_, head_dim_});  // [rows, kv_heads, head_dim]
    v = v.unflatten(1, {kv_heads_, head_dim_});
    if (weights_.query_norm.defined()) {
        q = weights_.query_norm.forward(q);
        k = weights_.key_norm.forward(k);
    }
    if (pass.cos.defined()) {
        rotate(q, pass.cos, pass.sin);
        rotate(k, pass.cos, pass.sin);
    }

    at::Tensor out = at::empty({rows, heads_, head_dim_}, x.options());
    std::vector<BatchPart> single;
    for (const BatchPart &part : pass.batch.parts) {
        part.cache->write(layer_, k.narrow(0, part.first_row, part.rows), v.narrow(0, part.first_row, part.rows));
        if (part.rows == 1) {
            single.push_back(part);
        } else {
            attend_chunk(q, part, out);
        }
    }
    if (!single.empty()) attend_one_by_one(q, single, out);
    return weights_.output->forward(out.flatten(1));
}

std::int64_t Attention::first_visible(std::int64_t position) const {
    return window_ == 0 ? 0 : std::max<std::int64_t>(0, position - window_ + 1);
}

void Attention::attend_one_by_one(const at::Tensor &q, const std::vector<BatchPart> &parts, at::Tensor &out) const {
    const std::int64_t group = heads_ / kv_heads_;
    if (!q.is_cpu()) {
        for (const BatchPart &part : parts) {
            const std::int64_t position = part.cache->length(), first = first_visible(position), visible = position + 1 - first;
            // The heads of a group become the query's positions, so that no key is read twice: [1, kv_heads, group, head_dim].
            const at::Tensor queries = q.select(0, part.first_row).view({1, kv_heads_, group, head_dim_});
            const at::Tensor keys = part.cache->keys(layer_).narrow(1, first, visible).unsqueeze(0);
            const at::Tensor values = part.cache->values(layer_).narrow(1, first, visible).unsqueeze(0);
            out.select(0, part.first_row)
                .copy_(at::scaled_dot_product_attention(queries, keys, values).view({heads_, head_dim_}));
        }
        return;
    }

    // Few sequences with few key-value heads are cut into single heads to keep all threads busy.
    const auto sequences = static_cast<std::int64_t>(parts.size());
    const std::int64_t threads = at::get_num_threads(), share = sequences * kv_heads_ >= threads || group == 1 ? group : 1;
    const std::int64_t tasks_each = heads_ / share;
    std::int64_t most = 0;
    for (const BatchPart &part : parts) most = std::max(most, part.cache->length() + 1);
    at::Tensor scores = at::empty({sequences * heads_, most}, q.options());
    float *score_memory = scores.mutable_data_ptr<float>(), *out_memory = out.mutable_data_ptr<float>();
    const float *queries = q.const_data_ptr<float>();
    parallel_rows(Loop::Attend, sequences * tasks_each, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t task = begin; task < end; ++task) {
            const BatchPart &part = parts[static_cast<std::size_t>(task / tasks_each)];
            const std::int64_t head = task % tasks_each * share, kv_head = head / group;
            const std::int64_t position = part.cache->length(), first = first_visible(position);
            const at::Tensor &keys = part.cache->keys(layer_), &values = part.cache->values(layer_);
            const std::int64_t offset = (kv_head * keys.stride(0) + first * head_dim_) * keys.element_size();
            cpu::Attention a;
            a.format = keys.scalar_type() == at::kBFloat16 ? cpu::Format::BF16
                       : keys.scalar_type() == at::kHalf   ? cpu::Format::F16
                                                           : cpu::Format::F32;
            a.keys = static_cast<const char *>(keys.const_data_ptr()) + offset;
            a.values = static_cast<const char *>(values.const_data_ptr()) + offset;
            a.tokens = position + 1 - first;
            a.dims = head_dim_;
            a.queries = queries + part.first_row * q.stride(0) + head * head_dim_;
            a.group = share;
            a.scale = scale_;
            a.scores = score_memory + (task * share) * most;
            a.out = out_memory + part.first_row * out.stride(0) + head * head_dim_;
            cpu::kernels().attend(a);
        }
    });
}

void Attention::attend_chunk(const at::Tensor &q, const BatchPart &part, at::Tensor &out) const {
    const std::int64_t position = part.cache->length(), group = heads_ / kv_heads_;
    const std::int64_t first = first_visible(position), visible = position + part.rows - first;
    // [kv_heads, group, rows, head_dim] against keys that all heads of a group share: [kv_heads, group (stride 0), visible,
    // head_dim]
    const at::Tensor queries = q.narrow(0, part.first_row, part.rows).transpose(0, 1).unflatten(0, {kv_heads_, group});
    const auto shared = [&](const at::Tensor &cache) {
        return cache.narrow(1, first, visible).to(q.scalar_type()).unsqueeze(1).expand({kv_heads_, group, visible, head_dim_});
    };
    const bool all_visible = first == 0 && (window_ == 0 || visible <= window_);
    std::optional<at::Tensor> mask;
    if (position != 0 || !all_visible) {
        const at::Tensor key_at = at::arange(first, first + visible, q.options().dtype(at::kLong));
        const at::Tensor query_at = at::arange(position, position + part.rows, q.options().dtype(at::kLong)).unsqueeze(1);
        mask = key_at <= query_at;  // [rows, visible]
        if (window_ != 0) mask = mask->logical_and(key_at > query_at - window_);
    }
    const at::Tensor attended =
        at::scaled_dot_product_attention(queries, shared(part.cache->keys(layer_)), shared(part.cache->values(layer_)), mask,
                                         0.0, /*is_causal=*/!mask.has_value());
    out.narrow(0, part.first_row, part.rows).copy_(attended.flatten(0, 1).transpose(0, 1));  // [rows, heads, head_dim]
}

std::uint64_t Attention::bytes() const {
    std::uint64_t total = weights_.query_norm.bytes() + weights_.key_norm.bytes();
    for (const auto *linear : {&weights_.query, &weights_.key, &weights_.value, &weights_.query_key_value, &weights_.output})
        if (*linear) total += (*linear)->bytes();
    return total;
}

}  // namespace millm::engine
