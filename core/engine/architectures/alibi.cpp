// Bloom and MPT: no positions in the embeddings, but a slope a head that favours near keys.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

DecoderDescription describe_bloom(ConfigReader &config) {
    DecoderDescription d = gpt_fields(config, {.norm = {NormKind::Layer, 1e-5, true, true},
                                               .max_positions = 2048,
                                               .tied = true,
                                               .bos = {1},
                                               .eos = {2},
                                               .hidden = 64,
                                               .depth = 2});
    d.embedding_norm = d.final_norm;
    AttentionDescription attention;
    attention.heads = attention.kv_heads = config.count(config.first_of({"n_head", "num_attention_heads"}), 8);
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.bias = attention.output_bias = true;
    attention.scores.slopes = alibi_slopes(attention.heads);
    DenseDescription feed{4 * d.hidden, Activation::GeluTanh, false, true};
    ResidualDescription residual = pre_norm(d.final_norm);
    residual.skip_from_norm = config.flag("apply_residual_connection_post_layernorm", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, residual};
    config.harmless({"slow_but_exact", "attention_softmax_in_fp32", "masked_softmax_fusion", "bias_dropout_fusion",
                     "offset_alibi", "n_inner", "skip_bias_add", "skip_bias_add_qkv", "seq_length"});
    static const WeightNames names{
        "transformer.",
        "h.",
        {{{Slot::TokenEmbedding}, "word_embeddings"},
         {{Slot::EmbeddingNorm}, "word_embeddings_layernorm"},
         {{Slot::FinalNorm}, "ln_f"}},
        {
            {{Slot::BeforeMixer}, "input_layernorm"},
            {{Slot::Query, Slot::Key, Slot::Value}, "self_attention.query_key_value", Cut::QueryHeads},
            {{Slot::AttentionOutput}, "self_attention.dense"},
            {{Slot::BeforeFeed}, "post_attention_layernorm"},
            {{Slot::Up}, "mlp.dense_h_to_4h"},
            {{Slot::Down}, "mlp.dense_4h_to_h"},
        },
        {"lm_head"},
        {},
    };
    d.names = &names;
    return d;
}

DecoderDescription describe_mpt(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 50368);
    d.hidden = config.count(config.first_of({"d_model", "hidden_size"}), 2048);
    d.max_positions = config.count("max_seq_len", 2048);
    d.final_norm = {NormKind::Layer, config.positive("layer_norm_epsilon", 1e-5)};
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {});
    d.eos_tokens = config.token_ids("eos_token_id", {});
    d.layers.resize(static_cast<std::size_t>(config.count(config.first_of({"n_layers", "num_hidden_layers"}), 24, 2048)));

    const JsonValue *given = config.given("attn_config");
    ConfigReader attn(given != nullptr && given->is_object() ? *given : JsonValue::object());
    AttentionDescription attention;
    attention.heads = attention.kv_heads = config.count(config.first_of({"n_heads", "num_attention_heads"}), 16);
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.scores.scale = attn.optional("softmax_scale", 0);
    attention.clip = attn.optional("clip_qkv", 0);
    attention.scores.slopes = alibi_slopes(attention.heads, attn.positive("alibi_bias_max", 8));
    if (attn.error()) config.fail(attn.error()->code, attn.error()->message);
    const DenseDescription feed{4 * d.hidden, Activation::GeluErf, false, false};
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    // transformers reads none of these either.
    config.harmless({"expansion_ratio", "embedding_fraction", "learned_pos_emb", "logit_scale", "no_bias", "norm_type",
                     "init_config", "init_device", "verbose", "emb_pdrop", "resid_pdrop", "tokenizer_name"});
    static const WeightNames names{
        "transformer.",
        "blocks.",
        {{{Slot::TokenEmbedding}, "wte"}, {{Slot::FinalNorm}, "norm_f"}},
        {
            {{Slot::BeforeMixer}, "norm_1"},
            {{Slot::Query, Slot::Key, Slot::Value}, "attn.Wqkv"},
            {{Slot::AttentionOutput}, "attn.out_proj"},
            {{Slot::BeforeFeed}, "norm_2"},
            {{Slot::Up}, "ffn.up_proj"},
            {{Slot::Down}, "ffn.down_proj"},
        },
        {"lm_head"},
        {},
    };
    d.names = &names;
    return d;
}

}  // namespace millm::engine
