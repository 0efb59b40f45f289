// Llama 1 to 3 and what shares its shape: pre-norm with RMSNorm, rotary positions, grouped queries, gated feed-forward.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {
constexpr SlotName llama_outside[] = {
    {Slot::TokenEmbedding, "embed_tokens"},
    {Slot::FinalNorm, "norm"},
};
constexpr SlotName llama_inside[] = {
    {Slot::AttentionNorm, "input_layernorm"},
    {Slot::Query, "self_attn.q_proj"},
    {Slot::Key, "self_attn.k_proj"},
    {Slot::Value, "self_attn.v_proj"},
    {Slot::QueryNorm, "self_attn.q_norm"},
    {Slot::KeyNorm, "self_attn.k_norm"},
    {Slot::AttentionOutput, "self_attn.o_proj"},
    {Slot::MlpNorm, "post_attention_layernorm"},
    {Slot::Gate, "mlp.gate_proj"},
    {Slot::Up, "mlp.up_proj"},
    {Slot::Down, "mlp.down_proj"},
};
constexpr std::string_view llama_buffers[] = {"self_attn.rotary_emb.inv_freq"};
}  // namespace

const WeightNames llama_names{"model.", "layers.", llama_outside, llama_inside, "lm_head", llama_buffers};

DecoderDescription describe_llama(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size");
    d.hidden = config.count("hidden_size");
    d.layers = config.count("num_hidden_layers", {}, 1 << 16);
    d.heads = config.count("num_attention_heads");
    d.kv_heads = config.count("num_key_value_heads", d.heads);
    d.head_dim = config.count("head_dim", std::max<std::int64_t>(1, d.hidden / d.heads));
    d.intermediate = config.count("intermediate_size");
    d.max_positions = config.count("max_position_embeddings", 2048);
    d.norm = NormKind::Rms;
    d.norm_eps = config.positive("rms_norm_eps", 1e-6);
    d.activation = config.activation("hidden_act", "silu");
    d.attention_bias = d.output_bias = config.flag("attention_bias", false);
    d.mlp_bias = config.flag("mlp_bias", false);
    d.tied_embeddings = config.flag("tie_word_embeddings", false);
    d.rope = config.rope(d.head_dim, d.max_positions);
    d.bos_tokens = config.token_ids("bos_token_id", {1});
    d.eos_tokens = config.token_ids("eos_token_id", {2});
    return d;
}

}  // namespace millm::engine
