#include "core/engine/layers/attention.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_pass.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/functions.h"

#include <cmath>

namespace millm::engine {

namespace {

enum Place : std::size_t { query, key, value, gate };
constexpr Slot slots[] = {Slot::Query, Slot::Key, Slot::Value, Slot::QueryGate};

Norm head_norm(WeightSource &weights, Slot slot, const NormDescription &norm, HeadNorm form, std::int64_t heads,
               std::int64_t dim) {
    if (form == HeadNorm::OwnWeight) return weights.norm(slot, norm, dim, heads);
    return weights.norm(slot, norm, form == HeadNorm::AllHeads ? heads * dim : dim);
}

}  // namespace

Attention::Attention(const AttentionDescription &a, std::int64_t layer, WeightSource &weights)
    : description_(a),
      layer_(layer),
      projections_(weights.projections(slots)),
      query_norm_(head_norm(weights, Slot::QueryNorm, a.query_norm, a.norm_form, a.heads, a.head_dim)),
      output_(weights.linear(Slot::AttentionOutput)),
      scores_(a.scores, 1 / std::sqrt(static_cast<double>(a.head_dim)), a.heads, a.kv_heads,
              a.scores.sinks ? weights.vector(Slot::Sinks) : at::Tensor(), weights.compute().device) {
    if (a.keys_of >= 0) return;
    key_norm_ = head_norm(weights, Slot::KeyNorm, a.key_norm, a.norm_form, a.kv_heads, a.head_dim);
    value_norm_ = head_norm(weights, Slot::ValueNorm, a.value_norm, a.norm_form, a.kv_heads, a.head_dim);
}

at::Tensor Attention::forward(const at::Tensor &x, const PassContext &pass) const {
    const std::int64_t dim = description_.head_dim;
    auto parts = projections_.forward(x);
    if (description_.clip > 0)
        for (const Place place : {query, key, value})
            if (parts[place].defined() && (place == value || !description_.clip_behind_norm))
                parts[place] = clipped(parts[place]);

    const bool prepared = prepare_on_device(parts, pass);
    at::Tensor q = prepared ? parts[query].unflatten(1, {description_.heads, dim})
                            : prepare(parts[query], description_.heads, query_norm_, pass);  // [rows, heads, dim]
    if (description_.query_scale.rate != 0) scale_queries(q, pass);
    if (description_.keys_of < 0 && !prepared) {
        // Before the key, which may be turned where it lies.
        at::Tensor v = parts[description_.values_from_keys ? key : value].unflatten(1, {description_.kv_heads, dim});
        v = description_.values_from_keys && !value_norm_.defined() ? v.clone() : normed(v, value_norm_);
        const at::Tensor k = prepare(parts[key], description_.kv_heads, key_norm_, pass);  // [rows, kv_heads, dim]
        write(k, v, pass);
    }
    at::Tensor out = scores_.attend(q, dim, layer_, pass).flatten(1);
    if (description_.query_gate) out.mul_(parts[gate].sigmoid());
    return output_->forward(out);
}

namespace {

/// The heads that a kernel takes as they lie: [rows, heads * dim] or [rows, heads, dim], rows apart by a stride.
bool lie_by_head(const at::Tensor &x, std::int64_t dim) {
    return x.stride(-1) == 1 && (x.dim() == 2 || x.stride(1) == dim);
}

void launch(const cuda::PrepareHeads &heads, at::Device device) {
    const DeviceRuntime &runtime = *device_runtime(device);
    runtime.kernels.prepare(heads, runtime.enter(device));
    runtime.check();
}

}  // namespace

std::optional<cuda::PrepareHeads> Attention::written_on_device(const at::Tensor &keys, const at::Tensor &values,
                                                               const PassContext &pass) const {
    const std::int64_t dim = description_.head_dim;
    if (!pass.device || device_runtime(keys.device())->kernels.prepare == nullptr || !lie_by_head(keys, dim) ||
        !lie_by_head(values, dim) || pass.device->page_type() != keys.scalar_type())
        return std::nullopt;
    cuda::PrepareHeads h;
    h.type = kernel_type(keys.scalar_type());
    h.keys = keys.const_data_ptr();
    h.values = values.const_data_ptr();
    h.key_stride = keys.stride(0);
    h.value_stride = values.stride(0);
    h.rows = keys.size(0);
    h.kv_heads = description_.kv_heads;
    h.dims = dim;
    h.table = pass.device->table(layer_);
    return h;
}

bool Attention::prepare_on_device(const Parts &parts, const PassContext &pass) const {
    const AttentionDescription &a = description_;
    const at::Tensor &q = parts[query];
    const auto plain = [&](const Norm &norm) {
        return !norm.defined() ||
               (!a.norm_behind_rope && norm.plain_weight().defined() && norm.plain_weight().numel() == a.head_dim);
    };
    if (a.keys_of >= 0 || a.clip > 0 || a.values_from_keys || value_norm_.defined() || !plain(query_norm_) ||
        !plain(key_norm_) || !lie_by_head(q, a.head_dim))
        return false;
    std::optional<cuda::PrepareHeads> h = written_on_device(parts[key], parts[value], pass);
    if (!h) return false;
    h->queries = q.data_ptr();
    h->query_stride = q.stride(0);
    h->heads = a.heads;
    const auto take = [](const Norm &norm, const float *&weight, float &eps) {
        if (!norm.defined()) return;
        weight = norm.plain_weight().const_data_ptr<float>();
        eps = static_cast<float>(norm.eps());
    };
    take(query_norm_, h->query_norm, h->query_eps);
    take(key_norm_, h->key_norm, h->key_eps);
    if (a.rope >= 0) {
        const Angles &angles = pass.ropes[static_cast<std::size_t>(a.rope)];
        h->cos = angles.cos.const_data_ptr<float>();
        h->sin = angles.sin.const_data_ptr<float>();
        h->half = angles.cos.size(1);
        h->interleaved = angles.interleaved;
    }
    launch(*h, q.device());
    return true;
}

void Attention::write(const at::Tensor &keys, const at::Tensor &values, const PassContext &pass) const {
    if (const auto h = written_on_device(keys, values, pass)) return launch(*h, keys.device());
    TORCH_CHECK(!pass.recorded, "keys and values cannot be written by a recorded pass");
    for (const BatchPart &part : pass.batch.parts) {
        TokenState &state = part.state->tokens(layer_);
        state.write(0, part.position(), keys.narrow(0, part.first_row, part.rows));
        state.write(1, part.position(), values.narrow(0, part.first_row, part.rows));
    }
}

at::Tensor Attention::clipped(const at::Tensor &x) const {
    return x.clamp(-description_.clip, description_.clip);
}

at::Tensor Attention::normed(const at::Tensor &x, const Norm &norm) const {
    if (!norm.defined()) return x;
    if (description_.norm_form == HeadNorm::AllHeads) return norm.forward(x.flatten(1)).view(x.sizes());
    return norm.forward(x);
}

at::Tensor Attention::prepare(at::Tensor x, std::int64_t heads, const Norm &norm, const PassContext &pass) const {
    x = x.unflatten(1, {heads, description_.head_dim});
    if (!description_.norm_behind_rope) x = normed(x, norm);
    if (description_.clip_behind_norm && description_.clip > 0) x = clipped(x);
    if (description_.rope >= 0) {
        const Angles &angles = pass.ropes[static_cast<std::size_t>(description_.rope)];
        rotate(x, angles.cos, angles.sin, angles.interleaved);
    }
    return description_.norm_behind_rope ? normed(x, norm) : x;
}

void Attention::scale_queries(at::Tensor &q, const PassContext &pass) const {
    const QueryScale &scale = description_.query_scale;
    std::vector<float> factors;
    for (const std::int64_t position : pass.positions) {
        const auto steps = static_cast<double>((position + scale.offset) / scale.floor);
        factors.push_back(static_cast<float>(1 + scale.rate * std::log1p(steps)));
    }
    q = q * at::tensor(factors, at::kFloat).to(q.device(), q.scalar_type()).view({-1, 1, 1});
}

bool Attention::recordable() const {
    return description_.query_scale.rate == 0 && scores_.recordable(description_.head_dim);
}

std::uint64_t Attention::bytes() const {
    return projections_.bytes() + query_norm_.bytes() + key_norm_.bytes() + value_norm_.bytes() + output_->bytes() +
           scores_.bytes();
}

}  // namespace millm::engine
