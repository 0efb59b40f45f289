// Falcon in its three forms: 7B (one key and value, both branches read one norm), 40B and 180B (keys in groups, two norms), and
// the RefinedWeb ones (alibi, one branch after the other).
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

DecoderDescription describe_falcon(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 65024);
    d.hidden = config.count(config.first_of({"hidden_size", "n_embed"}), 4544);
    d.max_positions = config.count("max_position_embeddings", 2048);
    d.final_norm = {NormKind::Layer, config.positive("layer_norm_epsilon", 1e-5), true, true};
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {11});
    d.eos_tokens = config.token_ids("eos_token_id", {11});
    d.layers.resize(static_cast<std::size_t>(config.count(config.first_of({"num_hidden_layers", "n_layer"}), 32, 2048)));

    const bool grouped = config.flag("new_decoder_architecture", false);
    const bool one_key = config.flag("multi_query", true) && !grouped;
    const bool bias = config.flag("bias", false), alibi = config.flag("alibi", false);
    AttentionDescription attention;
    attention.heads = config.count(config.first_of({"num_attention_heads", "n_head"}), 71);
    const std::int64_t kv_heads = config.count(config.first_of({"num_kv_heads", "n_head_kv"}), attention.heads);
    attention.kv_heads = grouped ? kv_heads : one_key ? 1 : attention.heads;
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.bias = attention.output_bias = bias;
    if (alibi) {
        // They join the scores before these are scaled.
        attention.scores.slopes = alibi_slopes(attention.heads);
        for (float &slope : attention.scores.slopes) slope /= std::sqrt(static_cast<float>(attention.head_dim));
        config.harmless({"rope_parameters", "rope_theta", "rope_scaling"});
    } else {
        attention.rope = add_rope(config, d, attention.head_dim);
    }
    DenseDescription feed = plain_feed(config, d.hidden, "ffn_hidden_size", "activation", "gelu");
    feed.bias = bias;
    const std::int64_t norms = config.count("num_ln_in_parallel_attn", grouped ? 2 : 1, 2);
    const bool parallel = config.flag("parallel_attn", true) || grouped;
    for (LayerDescription &layer : d.layers)
        layer = {attention, feed, parallel ? parallel_branches(d.final_norm, grouped && norms == 2) : pre_norm(d.final_norm)};
    config.harmless({"apply_residual_connection_post_layernorm"});

    const Cut cut = grouped ? Cut::KeyValueHeads : one_key ? Cut::Blocks : Cut::QueryHeads;
    const auto names_of = [](Cut qkv) {
        return WeightNames{
            "transformer.",
            "h.",
            {{{Slot::TokenEmbedding}, "word_embeddings"}, {{Slot::FinalNorm}, "ln_f"}},
            {
                {{Slot::BeforeMixer}, "input_layernorm"},
                {{Slot::BeforeMixer}, "ln_attn"},
                {{Slot::Query, Slot::Key, Slot::Value}, "self_attention.query_key_value", qkv},
                {{Slot::AttentionOutput}, "self_attention.dense"},
                {{Slot::BeforeFeed}, "post_attention_layernorm"},
                {{Slot::BeforeFeed}, "ln_mlp"},
                {{Slot::Up}, "mlp.dense_h_to_4h"},
                {{Slot::Down}, "mlp.dense_4h_to_h"},
            },
            {"lm_head"},
            {"self_attention.rotary_emb.inv_freq", "self_attention.maybe_rotary.inv_freq"},
        };
    };
    static const WeightNames blocks = names_of(Cut::Blocks), heads = names_of(Cut::QueryHeads),
                             groups = with_rows(names_of(Cut::KeyValueHeads),
                                                {{{Slot::BeforeMixer}, "ln_attn"}, {{Slot::BeforeFeed}, "ln_mlp"}}),
                             groups_one_norm = names_of(Cut::KeyValueHeads);
    d.names = cut == Cut::Blocks ? &blocks : cut == Cut::QueryHeads ? &heads : norms == 2 ? &groups : &groups_one_norm;
    return d;
}

}  // namespace millm::engine
