#include "core/engine/layers/decoder.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

Decoder::Decoder(DecoderDescription description, Compute compute, Weights weights)
    : description_(std::move(description)), compute_(compute), weights_(std::move(weights)) {
    if (!description_.learned_positions) rotary_.emplace(description_.rope);
}

KvCache Decoder::make_cache() const {
    return {description_.layers, description_.kv_heads, description_.head_dim,
            at::TensorOptions(compute_.cache).device(compute_.device)};
}

at::Tensor Decoder::forward(const Batch &batch, LayerHook *hook) const {
    const PassContext pass = context(batch);
    at::Tensor hidden = embed(batch);  // [rows, hidden]
    if (hook != nullptr) hook->after_layer(-1, hidden);
    for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
        const DecoderLayer &layer = weights_.layers[i];
        hidden = hidden + layer.attention.forward(layer.attention_norm.forward(hidden), pass);
        hidden = hidden + layer.feed_forward.forward(layer.feed_forward_norm.forward(hidden));
        if (hook != nullptr) hook->after_layer(static_cast<std::int64_t>(i), hidden);
    }
    return weights_.final_norm.forward(hidden);
}

at::Tensor Decoder::embed(const Batch &batch) const {
    const auto ids = [&](const std::vector<std::int64_t> &list) { return at::tensor(list, at::kLong).to(compute_.device); };
    at::Tensor hidden = weights_.token_embedding.index_select(0, ids(batch.tokens)).to(compute_.activations);
    if (!weights_.position_embedding.defined()) return hidden;
    std::vector<std::int64_t> positions;
    for (const BatchPart &part : batch.parts)
        for (std::int64_t row = 0; row < part.rows; ++row) positions.push_back(part.cache->length() + row);
    return hidden.add_(weights_.position_embedding.index_select(0, ids(positions)).to(compute_.activations));
}

PassContext Decoder::context(const Batch &batch) const {
    PassContext pass{batch, {}, {}};
    if (!rotary_) return pass;
    const auto rows = static_cast<std::int64_t>(batch.tokens.size());
    pass.cos = at::empty({rows, rotary_->half()}, at::kFloat);
    pass.sin = at::empty({rows, rotary_->half()}, at::kFloat);
    for (const BatchPart &part : batch.parts) {
        for (std::int64_t row = 0; row < part.rows; ++row) {
            const std::int64_t offset = (part.first_row + row) * rotary_->half();
            rotary_->angles(part.cache->length() + row, part.rope_length, pass.cos.mutable_data_ptr<float>() + offset,
                            pass.sin.mutable_data_ptr<float>() + offset);
        }
    }
    pass.cos = pass.cos.to(compute_.device);
    pass.sin = pass.sin.to(compute_.device);
    return pass;
}

at::Tensor Decoder::logits(const at::Tensor &hidden) const {
    return weights_.head->forward(hidden).to(at::kCPU, at::kFloat);
}

std::uint64_t Decoder::weight_bytes() const {
    std::uint64_t total = weights_.token_embedding.nbytes() + weights_.final_norm.bytes();
    if (weights_.position_embedding.defined()) total += weights_.position_embedding.nbytes();
    if (!description_.tied_embeddings) total += weights_.head->bytes();
    for (const DecoderLayer &layer : weights_.layers)
        total += layer.attention_norm.bytes() + layer.attention.bytes() + layer.feed_forward_norm.bytes() +
                 layer.feed_forward.bytes();
    return total;
}

}  // namespace millm::engine
