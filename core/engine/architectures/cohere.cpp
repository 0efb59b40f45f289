// Command R: both branches read one norm without a bias, rotary pairs lie side by side, logits are scaled.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

DecoderDescription cohere_fields(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Layer, 1e-5},
                                                   .eps_key = "layer_norm_eps",
                                                   .max_positions = 8192,
                                                   .tied = true,
                                                   .bos = {5},
                                                   .eos = {255001}});
    d.logit_scale = config.positive("logit_scale", 0.0625);
    return d;
}

}  // namespace

DecoderDescription describe_cohere(ConfigReader &config) {
    DecoderDescription d = cohere_fields(config);
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    if (config.flag("use_qk_norm", false)) {
        attention.query_norm = attention.key_norm = d.final_norm;
        attention.norm_form = HeadNorm::OwnWeight;
    }
    attention.rope = add_rope(config, d, attention.head_dim, {.interleaved = true});
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, parallel_branches(d.final_norm, false)};
    static const WeightNames names =
        with_rows(llama_names(), {
                                     {{Slot::QueryNorm}, "self_attn.q_norm.weight", Cut::Blocks, Storage::StackedOutIn},
                                     {{Slot::KeyNorm}, "self_attn.k_norm.weight", Cut::Blocks, Storage::StackedOutIn},
                                 });
    d.names = &names;
    return d;
}

// Command R7B: windows that rotate in turns with layers that see all and do not.
DecoderDescription describe_cohere2(ConfigReader &config) {
    DecoderDescription d = cohere_fields(config);
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    const DenseDescription feed = dense_fields(config);
    AttentionKinds kinds = with_window(attention, config.window(4096));
    kinds.windowed.rope = add_rope(config, d, attention.head_dim, {.interleaved = true});
    const std::int64_t pattern = config.count("sliding_window_pattern", 4);
    config.harmless({"cache_implementation", "layer_switch", "order_of_interleaved_layers", "rotary_pct",
                     "position_embedding_type", "use_embedding_sharing", "use_gated_activation", "use_parallel_block",
                     "use_parallel_embedding"});
    fill_layers(
        config, d, kinds, [&](std::int64_t layer) { return (layer + 1) % pattern != 0; }, feed,
        parallel_branches(d.final_norm, false));
    return d;
}

}  // namespace millm::engine
