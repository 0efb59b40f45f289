// Gemma 4: 3n's attention and vectors of tokens without its streams, larger heads where all tokens are seen, and forms with a
// mixture beside each feed-forward.
#include "core/engine/architectures/gemma_kin.h"
#include "core/engine/checkpoint/failure.h"

#include <charconv>
#include <cmath>

namespace millm::engine {

namespace {

/// Sizes that config.json gives single layers, by number: how transformers writes down what it read as "global_head_dim".
void read_layer_sizes(ConfigReader &config, DecoderDescription &d, const JsonValue &sizes) {
    if (!sizes.is_object())
        return config.fail_at("per_layer_config", ErrorCode::InvalidFile,
                              "config.json: \"per_layer_config\" is " + sizes.shown() + ", not an object");
    for (const JsonMember &member : sizes.members()) {
        std::int64_t layer = -1;
        const char *end = member.key.data() + member.key.size();
        const auto [stop, failure] = std::from_chars(member.key.data(), end, layer);
        if (failure != std::errc{} || stop != end || layer < 0 || layer >= d.depth() || !member.value.is_object())
            return config.fail_at("per_layer_config", ErrorCode::InvalidFile,
                                  "config.json: \"per_layer_config\" has an entry \"" + printable(member.key) + "\" that is " +
                                      member.value.shown() + ", not the sizes of one of " + std::to_string(d.depth()) +
                                      " layers");
        ConfigReader own(member.value);
        AttentionDescription &attention = attention_of(d.layers[static_cast<std::size_t>(layer)]);
        attention.head_dim = own.count("head_dim", attention.head_dim);
        attention.kv_heads = own.count("num_key_value_heads", attention.kv_heads);
        own.refuse_unread();
        if (own.error())
            return config.fail_at("per_layer_config", own.error()->code, own.error()->message, own.error()->wanted,
                                  own.error()->got);
    }
}

/// A rotary embedding for the layers that see all and one for the others, as wide as their heads.
void add_ropes(ConfigReader &config, DecoderDescription &d, const std::vector<bool> &windowed) {
    for (const bool kind : {false, true}) {
        const AttentionDescription *first = nullptr;
        for (std::size_t i = 0; i < d.layers.size(); ++i) {
            AttentionDescription &attention = attention_of(d.layers[i]);
            if (windowed[i] != kind) continue;
            if (first == nullptr) {
                first = &attention;
                attention.rope =
                    add_rope(config, d, attention.head_dim,
                             {.theta = kind ? 1e4 : 1e6, .layer_type = kind ? "sliding_attention" : "full_attention"});
                RopeDescription &rope = d.ropes.back();
                if (!kind && !config.has("rope_parameters")) rope.scaling = RopeScaling::Proportional, rope.turning = 0.25;
                if (rope.dims != attention.head_dim)
                    return config.unsupported("rope_parameters", "turns a part of each head without being \"proportional\"");
            }
            if (attention.head_dim != first->head_dim || attention.kv_heads != first->kv_heads)
                return config.unsupported("per_layer_config", "gives layers of one type heads of several kinds");
            attention.rope = first->rope;
        }
    }
}

MoeDescription gemma4_moe(ConfigReader &config, const DecoderDescription &d, Activation activation) {
    MoeDescription moe;
    moe.experts = config.count("num_experts");
    moe.chosen = config.count("top_k_experts");
    moe.expert = {config.count("moe_intermediate_size"), activation};
    moe.router.norm = d.final_norm;
    moe.router.logit_scale = 1 / std::sqrt(static_cast<double>(d.hidden));
    moe.router.expert_scales = true;
    return moe;
}

const WeightNames &gemma4_names() {
    static const WeightNames names =
        with_rows(newer_gemma_names(),
                  {
                      {{Slot::LayerScale}, "layer_scalar", Cut::Blocks, Storage::Tensor},
                      {{Slot::AfterDense}, "post_feedforward_layernorm_1"},
                      {{Slot::BeforeMixture}, "pre_feedforward_layernorm_2"},
                      {{Slot::AfterMixture}, "post_feedforward_layernorm_2"},
                      {{Slot::RouterNorm}, "router.scale", Cut::Blocks, Storage::Tensor},
                      {{Slot::Router}, "router.proj"},
                      {{Slot::ExpertScales}, "router.per_expert_scale", Cut::Blocks, Storage::Tensor},
                      {{Slot::ExpertGate, Slot::ExpertUp}, "experts.gate_up_proj", Cut::Blocks, Storage::StackedOutIn},
                      {{Slot::ExpertDown}, "experts.down_proj", Cut::Blocks, Storage::StackedOutIn},
                  });
    return names;
}

/// All but mixtures and token inputs.
DecoderDescription gemma4_layers(ConfigReader &config, std::int64_t window, std::int64_t max_positions) {
    DecoderDescription d = newer_gemma_fields(config, max_positions, 0);
    if (d.layers.empty()) return d;  // refused already
    const AttentionDescription attention = unscaled_attention(config, d, 4);
    AttentionKinds kinds = with_window(attention, config.window(window));
    kinds.full.values_from_keys = config.flag("attention_k_eq_v", false);
    const JsonValue *sizes = config.given("per_layer_config");
    // Null or 0: heads are alike everywhere.
    const bool alike = sizes != nullptr || (config.json().find("global_head_dim") != nullptr && !config.has("global_head_dim"));
    const std::int64_t full_dim = config.count_or_none("global_head_dim", alike ? 0 : 512),
                       full_heads = config.count_or_none("num_global_key_value_heads", 0);
    if (sizes == nullptr && full_dim > 0) kinds.full.head_dim = full_dim;
    if (sizes == nullptr && full_heads > 0 && kinds.full.values_from_keys) kinds.full.kv_heads = full_heads;

    const DenseDescription dense = dense_fields(config, "intermediate_size", "hidden_activation", "gelu_pytorch_tanh");
    std::vector<bool> windowed = fill_layers(
        config, d, kinds, [](std::int64_t layer) { return (layer + 1) % 6 != 0; }, dense, norms_around(d.final_norm));
    // The last layer sees all, whatever "layer_types" says.
    windowed.back() = false;
    d.layers.back().mixer = kinds.full;
    if (sizes != nullptr) read_layer_sizes(config, d, *sizes);
    add_ropes(config, d, windowed);
    share_keys(config, d, windowed, config.count_or_none("num_kv_shared_layers", 0));
    const bool wider = config.flag("use_double_wide_mlp", false);
    for (LayerDescription &layer : d.layers) {
        layer.scaled = true;
        if (wider && attention_of(layer).keys_of >= 0) std::get<DenseDescription>(layer.feed).size *= 2;
    }
    // Images alone are seen in both directions where it says "vision".
    if (config.text("use_bidirectional_attention", "vision") != "vision")
        config.unsupported("use_bidirectional_attention", "other than \"vision\" is not supported here");
    config.harmless({"cache_implementation"});
    d.names = &gemma4_names();
    return d;
}

}  // namespace

DecoderDescription describe_gemma4(ConfigReader &config) {
    DecoderDescription d = gemma4_layers(config, 512, 131072);
    const Activation activation = config.activation("hidden_activation", "gelu_pytorch_tanh");
    add_token_inputs(config, d, activation);
    config.harmless({"num_experts", "top_k_experts", "moe_intermediate_size", "expert_intermediate_size"});
    if (!config.flag("enable_moe_block", false)) return d;
    const MoeDescription moe = gemma4_moe(config, d, activation);
    for (LayerDescription &layer : d.layers) {
        const DenseDescription dense = std::get<DenseDescription>(layer.feed);
        layer.feed = DenseAndMoeDescription{dense, moe, d.final_norm, d.final_norm, d.final_norm, d.final_norm};
        layer.residual.before_feed = {};
    }
    return d;
}

// The 12B model, whose images and sounds have no towers.
DecoderDescription describe_gemma4_unified(ConfigReader &config) {
    // Of what it does not have, sizes may be said nevertheless.
    config.harmless({"vocab_size_per_layer_input", "num_experts", "top_k_experts", "moe_intermediate_size"});
    return gemma4_layers(config, 1024, 262144);
}

}  // namespace millm::engine
