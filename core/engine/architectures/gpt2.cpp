// GPT-2: learned positions, LayerNorm, one matrix for query, key and value, weights stored [in, out]. GPT-BigCode is GPT-2 with
// one key and value for all heads, and its weights the usual way round.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

namespace {

const WeightNames &gpt2_names() {
    constexpr auto Blocks = Cut::Blocks;
    constexpr auto InOut = Storage::InOut;
    static const WeightNames names{
        "transformer.",
        "h.",
        {{{Slot::TokenEmbedding}, "wte"}, {{Slot::PositionEmbedding}, "wpe"}, {{Slot::FinalNorm}, "ln_f"}},
        {
            {{Slot::BeforeMixer}, "ln_1"},
            {{Slot::Query, Slot::Key, Slot::Value}, "attn.c_attn", Blocks, InOut},
            {{Slot::AttentionOutput}, "attn.c_proj", Blocks, InOut},
            {{Slot::BeforeFeed}, "ln_2"},
            {{Slot::Up}, "mlp.c_fc", Blocks, InOut},
            {{Slot::Down}, "mlp.c_proj", Blocks, InOut},
        },
        {"lm_head"},
        {"attn.bias", "attn.masked_bias"},
    };
    return names;
}

DecoderDescription gpt2_like(ConfigReader &config, std::string_view activation, bool multi_query) {
    DecoderDescription d = gpt_fields(
        config,
        {.norm = {NormKind::Layer, 1e-5, true, true}, .max_positions = 1024, .tied = true, .bos = {50256}, .eos = {50256}});
    AttentionDescription attention;
    attention.heads = config.count(config.first_of({"n_head", "num_attention_heads"}));
    attention.kv_heads = multi_query ? 1 : attention.heads;
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.bias = attention.output_bias = true;
    if (!config.flag("scale_attn_weights", true)) attention.scores.scale = 1;
    if (d.hidden % attention.heads != 0) {
        config.fail_at("n_embd", ErrorCode::InvalidFile,
                       "config.json: \"n_embd\" " + std::to_string(d.hidden) + " is not a multiple of \"n_head\" " +
                           std::to_string(attention.heads));
    }
    d.position_rows = d.max_positions;
    const DenseDescription feed = plain_feed(config, d.hidden, "n_inner", "activation_function", activation);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    config.harmless(
        {"num_key_value_heads", "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "reorder_and_upcast_attn"});
    return d;
}

}  // namespace

DecoderDescription describe_gpt2(ConfigReader &config) {
    DecoderDescription d = gpt2_like(config, "gelu_new", false);
    d.names = &gpt2_names();
    if (config.flag("scale_attn_by_inverse_layer_idx", false)) {
        for (std::size_t i = 0; i < d.layers.size(); ++i) {
            auto &attention = std::get<AttentionDescription>(d.layers[i].mixer);
            const double scale = attention.scores.scale > 0 ? 1 : 1 / std::sqrt(static_cast<double>(attention.head_dim));
            attention.scores.scale = scale / static_cast<double>(i + 1);
        }
    }
    return d;
}

DecoderDescription describe_gpt_bigcode(ConfigReader &config) {
    const bool multi_query = config.flag("multi_query", true);
    DecoderDescription d = gpt2_like(config, "gelu_pytorch_tanh", multi_query);
    static const WeightNames one_key = with_rows(gpt2_names(), {
                                                                   {{Slot::Query, Slot::Key, Slot::Value}, "attn.c_attn"},
                                                                   {{Slot::AttentionOutput}, "attn.c_proj"},
                                                                   {{Slot::Up}, "mlp.c_fc"},
                                                                   {{Slot::Down}, "mlp.c_proj"},
                                                               });
    static const WeightNames by_head =
        with_rows(one_key, {{{Slot::Query, Slot::Key, Slot::Value}, "attn.c_attn", Cut::QueryHeads}});
    d.names = multi_query ? &one_key : &by_head;
    return d;
}

}  // namespace millm::engine
