// GPT-Neo, GPT-J and GPT-NeoX: what EleutherAI made of GPT-2, one after the other; and CodeGen.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

const NormDescription neo_norm{NormKind::Layer, 1e-5, true, true};

/// "global" or "local" a layer, of a list of patterns and how often each is repeated.
std::vector<std::string> neo_layers(ConfigReader &config, std::int64_t depth) {
    std::vector<std::string> kinds = config.texts("attention_layers");
    const JsonValue *types = config.given("attention_types");
    if (kinds.empty() && types != nullptr) {
        for (const JsonValue &pair : types->items()) {
            const auto parts = pair.items();
            const std::int64_t times = parts.size() == 2 ? parts[1].integer().value_or(0) : 0;
            for (std::int64_t i = 0; i < times && static_cast<std::int64_t>(kinds.size()) < depth; ++i)
                for (const JsonValue &kind : parts[0].items()) kinds.push_back(kind.text() ? *kind.text() : "?");
        }
    }
    if (kinds.empty())
        for (std::int64_t layer = 0; layer < depth; ++layer) kinds.emplace_back(layer % 2 == 0 ? "global" : "local");
    for (const std::string &kind : kinds)
        if (kind != "global" && kind != "local")
            config.unsupported("attention_types", "names another kind than global and local");
    if (static_cast<std::int64_t>(kinds.size()) < depth) {
        config.fail_at("attention_types", ErrorCode::InvalidFile,
                       "config.json: \"attention_types\" has " + std::to_string(kinds.size()) + " entries for " +
                           std::to_string(depth) + " layers");
        kinds.resize(static_cast<std::size_t>(depth), "global");
    }
    return kinds;
}

}  // namespace

DecoderDescription describe_gpt_neo(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 50257);
    d.hidden = config.count("hidden_size");
    d.max_positions = d.position_rows = config.count("max_position_embeddings", 2048);
    d.final_norm = neo_norm;
    d.final_norm.eps = config.positive("layer_norm_epsilon", 1e-5);
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {50256});
    d.eos_tokens = config.token_ids("eos_token_id", {50256});
    d.layers.resize(static_cast<std::size_t>(config.count(config.first_of({"num_layers", "num_hidden_layers"}), {}, 2048)));

    AttentionDescription attention;
    attention.heads = attention.kv_heads = config.count(config.first_of({"num_heads", "num_attention_heads"}));
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.output_bias = true;
    attention.scores.scale = 1;
    const std::int64_t window = config.count("window_size", 256);
    const DenseDescription feed = plain_feed(config, d.hidden, "intermediate_size", "activation_function", "gelu_new");
    const auto kinds = neo_layers(config, d.depth());
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
        attention.scores.window = kinds[i] == "local" ? window : 0;
        d.layers[i] = {attention, feed, pre_norm(d.final_norm)};
    }
    static const WeightNames names{
        "transformer.",
        "h.",
        {{{Slot::TokenEmbedding}, "wte"}, {{Slot::PositionEmbedding}, "wpe"}, {{Slot::FinalNorm}, "ln_f"}},
        {
            {{Slot::BeforeMixer}, "ln_1"},
            {{Slot::Query}, "attn.attention.q_proj"},
            {{Slot::Key}, "attn.attention.k_proj"},
            {{Slot::Value}, "attn.attention.v_proj"},
            {{Slot::AttentionOutput}, "attn.attention.out_proj"},
            {{Slot::BeforeFeed}, "ln_2"},
            {{Slot::Up}, "mlp.c_fc"},
            {{Slot::Down}, "mlp.c_proj"},
        },
        {"lm_head"},
        {"attn.attention.bias", "attn.attention.masked_bias"},
    };
    d.names = &names;
    return d;
}

namespace {

DecoderDescription gptj_like(ConfigReader &config) {
    DecoderDescription d = gpt_fields(config, {.norm = neo_norm, .max_positions = 2048, .bos = {50256}, .eos = {50256}});
    d.head_bias = true;
    AttentionDescription attention;
    attention.heads = attention.kv_heads = config.count(config.first_of({"n_head", "num_attention_heads"}));
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    RopeDescription rope;
    rope.interleaved = true;
    if (config.json().find("rotary_dim") && !config.has("rotary_dim"))
        config.unsupported("rotary_dim", "null is not supported");
    rope.dims = config.count("rotary_dim", 64);
    d.ropes.push_back(rope);
    attention.rope = 0;
    const DenseDescription feed = plain_feed(config, d.hidden, "n_inner", "activation_function", "gelu_new");
    for (LayerDescription &layer : d.layers) layer = {attention, feed, parallel_branches(d.final_norm, false)};
    config.harmless({"scale_attn_weights", "rotary"});
    return d;
}

WeightNames gptj_names(std::initializer_list<WeightRow> attention) {
    WeightNames names{
        "transformer.",
        "h.",
        {{{Slot::TokenEmbedding}, "wte"}, {{Slot::FinalNorm}, "ln_f"}},
        {
            {{Slot::BeforeMixer}, "ln_1"},
            {{Slot::AttentionOutput}, "attn.out_proj"},
            {{Slot::Up}, "mlp.fc_in"},
            {{Slot::Down}, "mlp.fc_out"},
        },
        {"lm_head"},
        {"attn.bias", "attn.masked_bias", "attn.causal_mask", "attn.embed_positions"},
    };
    names.inside.insert(names.inside.end(), attention.begin(), attention.end());
    return names;
}

}  // namespace

DecoderDescription describe_gptj(ConfigReader &config) {
    DecoderDescription d = gptj_like(config);
    static const WeightNames names =
        gptj_names({{{Slot::Query}, "attn.q_proj"}, {{Slot::Key}, "attn.k_proj"}, {{Slot::Value}, "attn.v_proj"}});
    d.names = &names;
    return d;
}

// CodeGen: GPT-J whose query, value and key lie in one matrix, in four parts for four TPU cores.
DecoderDescription describe_codegen(ConfigReader &config) {
    DecoderDescription d = gptj_like(config);
    static const WeightNames names = gptj_names({{{Slot::Query, Slot::Value, Slot::Key}, "attn.qkv_proj", Cut::Quarters}});
    d.names = &names;
    return d;
}

DecoderDescription describe_gpt_neox(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = neo_norm, .eps_key = "layer_norm_eps", .max_positions = 2048, .bos = {0}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", true);
    attention.rope = add_rope(
        config, d, attention.head_dim,
        {.share = config.positive("rotary_pct", 0.25), .theta_key = config.first_of({"rotary_emb_base", "rope_theta"})});
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "gelu");
    feed.gated = false;
    feed.bias = true;
    const bool parallel = config.flag("use_parallel_residual", true);
    for (LayerDescription &layer : d.layers)
        layer = {attention, feed, parallel ? parallel_branches(d.final_norm, true) : pre_norm(d.final_norm)};
    static const WeightNames names{
        "gpt_neox.",
        "layers.",
        {{{Slot::TokenEmbedding}, "embed_in"}, {{Slot::FinalNorm}, "final_layer_norm"}},
        {
            {{Slot::BeforeMixer}, "input_layernorm"},
            {{Slot::BeforeFeed}, "post_attention_layernorm"},
            {{Slot::Query, Slot::Key, Slot::Value}, "attention.query_key_value", Cut::QueryHeads},
            {{Slot::AttentionOutput}, "attention.dense"},
            {{Slot::Up}, "mlp.dense_h_to_4h"},
            {{Slot::Down}, "mlp.dense_4h_to_h"},
        },
        {"embed_out", "lm_head"},
        {"attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"},
    };
    d.names = &names;
    return d;
}

}  // namespace millm::engine
