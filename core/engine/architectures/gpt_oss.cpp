// gpt-oss: a learned logit a head that takes a share of attention, windows in turns, biases everywhere, experts with clamped
// gates.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_gpt_oss(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 131072});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 64, .kv_heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", true);
    attention.scores.sinks = true;
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 150000});
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 128);
    moe.chosen = config.count("num_experts_per_tok", 4);
    moe.expert = {config.count("intermediate_size"), Activation::ClampedSwish, true, true};
    moe.router.scores = RouterScores::SoftmaxChosen;
    moe.router.bias = true;
    moe.router.normalised = false;
    config.only("swiglu_limit", 7.0);
    config.only("swiglu_alpha", 1.702);
    config.harmless({"hidden_act", "experts_per_token", "initial_context_length"});
    fill_layers(
        config, d, with_window(attention, config.window(128)), [](std::int64_t layer) { return layer % 2 == 0; }, moe,
        pre_norm(d.final_norm));
    static const WeightNames names =
        with_rows(llama_names(),
                  {
                      {{Slot::Router}, "mlp.router"},
                      {{Slot::ExpertGate, Slot::ExpertUp}, "mlp.experts.gate_up_proj", Cut::Columns, Storage::StackedInOut},
                      {{Slot::ExpertDown}, "mlp.experts.down_proj", Cut::Blocks, Storage::StackedInOut},
                  });
    d.names = &names;
    return d;
}

}  // namespace millm::engine
