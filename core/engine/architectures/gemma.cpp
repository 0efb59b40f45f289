// Gemma 1 to 3: norms whose weights are stored less one, scaled embeddings. From 2 on norms around both branches, windows in
// turns and capped scores; from 3 on normalised heads and a rotary base of its own for the windows.
#include "core/engine/architectures/gemma_kin.h"

#include <cmath>

namespace millm::engine {

namespace {

DecoderDescription gemma_fields(ConfigReader &config, std::int64_t max_positions) {
    DecoderDescription d = decoder_fields(
        config,
        {.norm = {NormKind::Rms, 1e-6, true, false, 1}, .max_positions = max_positions, .tied = true, .bos = {2}, .eos = {1}});
    d.embedding_scale = std::sqrt(static_cast<double>(d.hidden));
    return d;
}

AttentionDescription capped_attention(ConfigReader &config, const DecoderDescription &d, double cap) {
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 256, .kv_heads = 4});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.scores.scale = 1 / std::sqrt(config.positive("query_pre_attn_scalar", 256));
    attention.scores.cap = config.optional("attn_logit_softcapping", cap);
    return attention;
}

}  // namespace

const WeightNames &norms_around_names() {
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::AfterMixer}, "post_attention_layernorm"},
                                                                  {{Slot::BeforeFeed}, "pre_feedforward_layernorm"},
                                                                  {{Slot::AfterFeed}, "post_feedforward_layernorm"},
                                                              });
    return names;
}

AttentionKinds gemma_kinds(ConfigReader &config, DecoderDescription &d, const AttentionDescription &attention,
                           std::int64_t window) {
    AttentionKinds kinds = with_window(attention, config.window(window));
    kinds.full.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6, .layer_type = "full_attention"});
    kinds.windowed.rope = add_rope(config, d, attention.head_dim,
                                   {.layer_type = "sliding_attention", .theta_key = "rope_local_base_freq", .scaled = false});
    return kinds;
}

DecoderDescription describe_gemma(ConfigReader &config) {
    DecoderDescription d = gemma_fields(config, 8192);
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 256, .kv_heads = 16});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim);
    // Early repositories name the exact form in the older field, but were trained with the other.
    const bool older = !config.has("hidden_activation") && config.text("hidden_act", "gelu") != "gelu";
    const DenseDescription feed =
        dense_fields(config, "intermediate_size", older ? "hidden_act" : "hidden_activation", "gelu_pytorch_tanh");
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_gemma2(ConfigReader &config) {
    DecoderDescription d = gemma_fields(config, 8192);
    d.logit_cap = config.optional("final_logit_softcapping", 30);
    AttentionDescription attention = capped_attention(config, d, 50);
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_activation", "gelu_pytorch_tanh");
    config.harmless({"hidden_act", "cache_implementation", "use_bidirectional_attention"});
    fill_layers(
        config, d, with_window(attention, config.window(4096)), [](std::int64_t layer) { return layer % 2 == 0; }, feed,
        norms_around(d.final_norm));
    d.names = &norms_around_names();
    return d;
}

DecoderDescription describe_gemma3(ConfigReader &config) {
    DecoderDescription d = gemma_fields(config, 131072);
    d.logit_cap = config.optional("final_logit_softcapping", 0);
    AttentionDescription attention = capped_attention(config, d, 0);
    attention.scores.cap = 0;  // the field is there, but nothing reads it
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.scores.both_ways = config.flag("use_bidirectional_attention", false);
    AttentionKinds kinds = gemma_kinds(config, d, attention, 4096);
    if (attention.scores.both_ways) {
        // EmbeddingGemma. A window is what is seen before and behind together.
        d.has_head = false;
        kinds.windowed.scores.window = kinds.windowed.scores.window / 2 + 1;
    }
    const DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_activation", "gelu_pytorch_tanh");
    config.harmless({"hidden_act", "cache_implementation"});
    const std::int64_t pattern = config.count("sliding_window_pattern", 6);
    fill_layers(
        config, d, kinds, [&](std::int64_t layer) { return (layer + 1) % pattern != 0; }, feed, norms_around(d.final_norm));
    d.names = &norms_around_names();
    return d;
}

}  // namespace millm::engine
