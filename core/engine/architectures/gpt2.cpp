// GPT-2: learned positions, LayerNorm, one matrix for query, key and value, weights stored [in, out].
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {
constexpr SlotName gpt2_outside[] = {
    {Slot::TokenEmbedding, "wte"},
    {Slot::PositionEmbedding, "wpe"},
    {Slot::FinalNorm, "ln_f"},
};
constexpr SlotName gpt2_inside[] = {
    {Slot::AttentionNorm, "ln_1"},
    {Slot::QueryKeyValue, "attn.c_attn"},
    {Slot::AttentionOutput, "attn.c_proj"},
    {Slot::MlpNorm, "ln_2"},
    {Slot::Up, "mlp.c_fc"},
    {Slot::Down, "mlp.c_proj"},
};
constexpr std::string_view gpt2_buffers[] = {"attn.bias", "attn.masked_bias"};
}  // namespace

const WeightNames gpt2_names{"transformer.", "h.", gpt2_outside, gpt2_inside, "lm_head", gpt2_buffers};

DecoderDescription describe_gpt2(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 50257);
    d.hidden = config.count("n_embd");
    d.layers = config.count("n_layer", {}, 1 << 16);
    d.heads = d.kv_heads = config.count("n_head");
    d.head_dim = std::max<std::int64_t>(1, d.hidden / d.heads);
    d.intermediate = config.count("n_inner", 4 * d.hidden);
    d.max_positions = config.count("n_positions", 1024);
    d.norm = NormKind::Layer;
    d.norm_eps = config.positive("layer_norm_epsilon", 1e-5);
    d.activation = config.activation("activation_function", "gelu_new");
    d.gated_mlp = false;
    d.fused_qkv = d.conv1d = d.learned_positions = true;
    d.attention_bias = d.output_bias = d.mlp_bias = true;
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {50256});
    d.eos_tokens = config.token_ids("eos_token_id", {50256});
    if (!config.flag("scale_attn_weights", true) || config.flag("scale_attn_by_inverse_layer_idx", false)) {
        config.fail(ErrorCode::Unsupported,
                    "config.json: \"scale_attn_weights\" false and \"scale_attn_by_inverse_layer_idx\" true are attention "
                    "scales this engine does not have");
    }
    if (d.hidden % d.heads != 0) {
        config.fail(ErrorCode::InvalidFile, "config.json: \"n_embd\" " + std::to_string(d.hidden) +
                                                " is not a multiple of \"n_head\" " + std::to_string(d.heads));
    }
    return d;
}

}  // namespace millm::engine
