#include "core/engine/architectures/weight_names.h"

#include <charconv>
#include <optional>

namespace millm::engine {

namespace {

struct Shape {
    std::vector<std::int64_t> dims;
    bool bias = false;
};

/// Shape of a slot's weight, nothing where this decoder has no such slot.
std::optional<Shape> shape_of(const DecoderDescription &d, Slot slot) {
    const std::int64_t q = d.heads * d.head_dim, kv = d.kv_heads * d.head_dim;
    const bool norm_bias = d.norm == NormKind::Layer;
    switch (slot) {
        case Slot::TokenEmbedding:
            return Shape{{d.vocab, d.hidden}};
        case Slot::PositionEmbedding:
            return d.learned_positions ? std::optional(Shape{{d.max_positions, d.hidden}}) : std::nullopt;
        case Slot::AttentionNorm:
        case Slot::MlpNorm:
        case Slot::FinalNorm:
            return Shape{{d.hidden}, norm_bias};
        case Slot::Query:
            return Shape{{q, d.hidden}, d.attention_bias};
        case Slot::Key:
        case Slot::Value:
            return Shape{{kv, d.hidden}, d.attention_bias};
        case Slot::QueryKeyValue:
            return Shape{{q + 2 * kv, d.hidden}, d.attention_bias};
        case Slot::QueryNorm:
        case Slot::KeyNorm:
            return d.qk_norm ? std::optional(Shape{{d.head_dim}, norm_bias}) : std::nullopt;
        case Slot::AttentionOutput:
            return Shape{{d.hidden, q}, d.output_bias};
        case Slot::Gate:
            return d.gated_mlp ? std::optional(Shape{{d.intermediate, d.hidden}, d.mlp_bias}) : std::nullopt;
        case Slot::Up:
            return Shape{{d.intermediate, d.hidden}, d.mlp_bias};
        case Slot::Down:
            return Shape{{d.hidden, d.intermediate}, d.mlp_bias};
        case Slot::Head:
            return Shape{{d.vocab, d.hidden}};
    }
    return std::nullopt;
}

TensorRole weight_role(Slot slot) {
    switch (slot) {
        case Slot::TokenEmbedding:
        case Slot::PositionEmbedding:
            return TensorRole::Embedding;
        case Slot::AttentionNorm:
        case Slot::QueryNorm:
        case Slot::KeyNorm:
        case Slot::MlpNorm:
        case Slot::FinalNorm:
            return TensorRole::Norm;
        case Slot::Head:
            return TensorRole::Head;
        default:
            return TensorRole::Linear;
    }
}

bool take(std::string_view &text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// What a quantized linear stores beside its packed weight.
bool is_companion(std::string_view rest) {
    return rest == ".SCB" || rest == ".weight_format" || rest.substr(0, 8) == ".weight.";
}

TensorRole role_in(const DecoderDescription &d, std::span<const SlotName> names, std::string_view name) {
    for (const auto &[slot, module] : names) {
        std::string_view rest = name;
        if (!take(rest, module)) continue;
        const std::optional<Shape> shape = shape_of(d, slot);
        if (!shape) continue;
        if (rest == ".weight") return weight_role(slot);
        if (rest == ".bias") return shape->bias ? TensorRole::Bias : TensorRole::Unknown;
        if (weight_role(slot) == TensorRole::Linear && is_companion(rest)) return TensorRole::Companion;
    }
    return TensorRole::Unknown;
}

}  // namespace

TensorRole role_of(const DecoderDescription &decoder, std::string_view name) {
    const WeightNames &names = weight_names(decoder);
    if (std::string_view rest = name; take(rest, names.head)) {
        if (rest == ".weight") return TensorRole::Head;
        if (is_companion(rest)) return TensorRole::Companion;
    }
    take(name, names.root);
    if (!take(name, names.layers)) return role_in(decoder, names.outside, name);

    std::int64_t layer = -1;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), layer);
    if (failure != std::errc{} || layer < 0 || layer >= decoder.layers) return TensorRole::Unknown;
    name.remove_prefix(static_cast<std::size_t>(end - name.data()));
    if (!take(name, ".")) return TensorRole::Unknown;
    for (const std::string_view buffer : names.buffers) {
        if (name == buffer) return TensorRole::Buffer;
    }
    return role_in(decoder, names.inside, name);
}

std::vector<WeightSpec> weight_specs(const DecoderDescription &decoder) {
    const WeightNames &names = weight_names(decoder);
    std::vector<WeightSpec> specs;
    const auto add = [&](const SlotName &name, std::int64_t layer, const std::string &prefix) {
        std::optional<Shape> shape = shape_of(decoder, name.slot);
        if (!shape) return;
        specs.push_back(
            {name.slot, layer, weight_role(name.slot), prefix + std::string(name.module), std::move(shape->dims), shape->bias});
    };
    const std::string root(names.root);
    for (const SlotName &name : names.outside) {
        if (name.slot != Slot::FinalNorm) add(name, -1, root);
    }
    for (std::int64_t layer = 0; layer < decoder.layers; ++layer) {
        const std::string prefix = root + std::string(names.layers) + std::to_string(layer) + ".";
        for (const SlotName &name : names.inside) add(name, layer, prefix);
    }
    for (const SlotName &name : names.outside) {
        if (name.slot == Slot::FinalNorm) add(name, -1, root);
    }
    if (!decoder.tied_embeddings) specs.push_back(head_spec(decoder));
    return specs;
}

WeightSpec head_spec(const DecoderDescription &decoder) {
    return {Slot::Head, -1, TensorRole::Head, std::string(weight_names(decoder).head), {decoder.vocab, decoder.hidden}, false};
}

}  // namespace millm::engine
