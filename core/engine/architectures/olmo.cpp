// OLMo: norms without weights, clamped queries, keys and values. OLMo 2: norms behind the branches, and over all heads at once.
#include "core/engine/architectures/families.h"

namespace millm::engine {

const WeightNames &norms_behind_names() {
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::AfterMixer}, "post_attention_layernorm"},
                                                                  {{Slot::AfterFeed}, "post_feedforward_layernorm"},
                                                              });
    return names;
}

DecoderDescription describe_olmo(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Layer, 1e-5, false, false}, .max_positions = 2048, .eos = {50279}});
    d.final_norm.eps = 1e-5;
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.clip = config.optional("clip_qkv", 0);
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

namespace {

/// With a norm over all heads at once.
AttentionDescription normed_attention(ConfigReader &config, const DecoderDescription &d) {
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.norm_form = HeadNorm::AllHeads;
    return attention;
}

}  // namespace

DecoderDescription describe_olmo2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 2048, .eos = {50279}});
    AttentionDescription attention = normed_attention(config, d);
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, post_norm(d.final_norm)};
    d.names = &norms_behind_names();
    return d;
}

// OLMo 2 with windows in three of four layers, whose rotation is never stretched.
DecoderDescription describe_olmo3(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 2048, .eos = {50279}});
    const AttentionDescription attention = normed_attention(config, d);
    AttentionKinds kinds = with_window(attention, config.window(4096));
    kinds.full.rope = add_rope(config, d, attention.head_dim, {.layer_type = "full_attention"});
    kinds.windowed.rope = add_rope(config, d, attention.head_dim, {.layer_type = "sliding_attention", .scaled = false});
    const DenseDescription feed = dense_fields(config);
    fill_layers(config, d, kinds, [](std::int64_t layer) { return (layer + 1) % 4 != 0; }, feed, post_norm(d.final_norm));
    d.names = &norms_behind_names();
    return d;
}

namespace {

DecoderDescription olmo_mixture(ConfigReader &config, double eps, std::int64_t experts, std::int64_t chosen, bool behind) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, eps}, .max_positions = 4096, .eos = {50279}});
    AttentionDescription attention = normed_attention(config, d);
    attention.clip = config.optional("clip_qkv", 0);
    attention.clip_behind_norm = true;
    attention.rope = add_rope(config, d, attention.head_dim);
    MoeDescription moe;
    moe.experts = config.count("num_experts", experts);
    moe.chosen = config.count("num_experts_per_tok", chosen);
    moe.expert = dense_fields(config);
    moe.router.normalised = config.flag("norm_topk_prob", false);
    config.harmless({"num_local_experts"});
    for (LayerDescription &layer : d.layers)
        layer = {attention, moe, behind ? post_norm(d.final_norm) : pre_norm(d.final_norm)};
    return d;
}

}  // namespace

DecoderDescription describe_olmoe(ConfigReader &config) {
    return olmo_mixture(config, 1e-5, 64, 8, false);
}

DecoderDescription describe_flex_olmo(ConfigReader &config) {
    DecoderDescription d = olmo_mixture(config, 1e-6, 7, 5, true);
    d.names = &norms_behind_names();
    return d;
}

namespace {

/// All but every `every`-th are local; 0: none is.
std::string letters_of(std::int64_t every) {
    return every == 0 ? "G" : std::string(static_cast<std::size_t>(every) - 1, 'L') + "G";
}

}  // namespace

// EXAONE 4: OLMo 2's order, a norm over each head, and rotation only where there is a window, or no windows at all.
DecoderDescription describe_exaone4(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 2048, .bos = {0}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d);
    attention.query_norm = attention.key_norm = d.final_norm;
    const int rope = add_rope(config, d, attention.head_dim);
    const DenseDescription feed = dense_fields(config);
    const std::int64_t window = config.window(4096);
    // A number, or a pattern of letters: L is local.
    std::string letters = "LLLG";
    if (const JsonValue *pattern = config.given("sliding_window_pattern")) {
        if (pattern->text() != nullptr)
            letters = *pattern->text();
        else
            letters = letters_of(config.count_or_none("sliding_window_pattern", 4, 1 << 10));
    }
    if (letters.empty()) letters = "G";
    AttentionKinds kinds = with_window(attention, window);
    kinds.windowed.rope = rope;
    if (window == 0) kinds.full.rope = rope;
    const auto is_windowed = [&](std::int64_t layer) {
        return window > 0 && letters[static_cast<std::size_t>(layer) % letters.size()] == 'L';
    };
    fill_layers(config, d, kinds, is_windowed, feed, post_norm(d.final_norm));
    config.harmless({"cache_implementation"});
    d.names = &norms_behind_names();
    return d;
}

}  // namespace millm::engine
