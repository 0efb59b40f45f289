// StarCoder 2: Llama with LayerNorm, biases and a feed-forward that is not gated.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_starcoder2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Layer, 1e-5, true, true},
                                                   .eps_key = "norm_epsilon",
                                                   .max_positions = 4096,
                                                   .tied = true,
                                                   .bos = {50256},
                                                   .eos = {50256}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 2});
    attention.bias = attention.output_bias = config.flag("use_bias", true);
    attention.rope = add_rope(config, d, attention.head_dim);
    attention.scores.window = config.window(0);
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "gelu_pytorch_tanh");
    feed.gated = false;
    feed.bias = attention.bias;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    config.harmless({"norm_type", "mlp_type"});
    static const WeightNames names = with_rows(llama_names(), {{{Slot::Up}, "mlp.c_fc"}, {{Slot::Down}, "mlp.c_proj"}});
    d.names = &names;
    return d;
}

}  // namespace millm::engine
