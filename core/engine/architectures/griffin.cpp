// Recurrent Gemma (Griffin): gated recurrences and windowed attention in turn.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

namespace {

/// `value` as bfloat16 has it.
double bfloat16_of(double value) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8);
}

}  // namespace

DecoderDescription describe_recurrent_gemma(ConfigReader &config) {
    DecoderDescription d = decoder_fields(
        config, {.norm = {NormKind::Rms, 1e-6, true, false, 1}, .max_positions = 8192, .tied = true, .bos = {2}, .eos = {1}});
    // As the checkpoint's own type had it.
    d.embedding_scale = bfloat16_of(std::sqrt(static_cast<double>(d.hidden)));
    d.logit_cap = config.positive("logits_soft_cap", 30);
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = config.flag("attention_bias", false);
    attention.output_bias = true;
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.5});
    attention.scores.window = config.count(config.first_of({"attention_window_size", "sliding_window"}), 2048);
    GatedRecurrenceDescription recurrence;
    recurrence.channels = config.count("lru_width", d.hidden, widest_layer);
    recurrence.heads = attention.heads;
    recurrence.kernel = config.count("conv1d_width", 4, 1 << 10);
    recurrence.activation = config.activation("hidden_activation", "gelu_pytorch_tanh");
    if (recurrence.channels % recurrence.heads != 0)
        config.fail(ErrorCode::InvalidFile, "config.json: \"lru_width\" " + std::to_string(recurrence.channels) +
                                                " does not divide into " + std::to_string(recurrence.heads) + " heads");
    DenseDescription feed;
    feed.size = std::max<std::int64_t>(1, config.count("intermediate_size", 3 * 2560) / 2);
    feed.activation = recurrence.activation;
    feed.bias = true;
    std::vector<std::string> types = config.texts("block_types");
    if (types.empty()) types = {"recurrent", "recurrent", "attention"};
    config.harmless({"head_dim", "layers_block_type", "layer_types", "_block_types", "w_init_variance_scale",
                     "final_w_init_variance_scale", "embeddings_scale_by_sqrt_dim"});
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
        const std::string &type = types[i % types.size()];
        if (type != "recurrent" && type != "attention")
            config.unsupported("block_types", "names \"" + type + "\", which this engine does not have in this family");
        d.layers[i] = {type == "recurrent" ? MixerDescription(recurrence) : MixerDescription(attention), feed,
                       pre_norm(d.final_norm)};
    }
    static const WeightNames names = with_rows(
        llama_names(), {
                           {{Slot::FinalNorm}, "final_norm"},
                           {{Slot::BeforeMixer}, "temporal_pre_norm"},
                           {{Slot::BeforeFeed}, "channel_pre_norm"},
                           {{Slot::Query}, "temporal_block.q_proj"},
                           {{Slot::Key}, "temporal_block.k_proj"},
                           {{Slot::Value}, "temporal_block.v_proj"},
                           {{Slot::AttentionOutput}, "temporal_block.o_proj"},
                           {{Slot::OutputGate}, "temporal_block.linear_y"},
                           {{Slot::ScanValue}, "temporal_block.linear_x"},
                           {{Slot::RecurrentOut}, "temporal_block.linear_out"},
                           {{Slot::Convolution}, "temporal_block.conv_1d.weight", Cut::Blocks, Storage::Tensor},
                           {{Slot::ConvolutionBias}, "temporal_block.conv_1d.bias", Cut::Blocks, Storage::Tensor},
                           {{Slot::InputGate}, "temporal_block.rg_lru.input_gate_weight", Cut::Blocks, Storage::Tensor},
                           {{Slot::InputGateBias}, "temporal_block.rg_lru.input_gate_bias", Cut::Blocks, Storage::Tensor},
                           {{Slot::StepGate}, "temporal_block.rg_lru.recurrent_gate_weight", Cut::Blocks, Storage::Tensor},
                           {{Slot::StepGateBias}, "temporal_block.rg_lru.recurrent_gate_bias", Cut::Blocks, Storage::Tensor},
                           {{Slot::DecayRate}, "temporal_block.rg_lru.recurrent_param", Cut::Blocks, Storage::Tensor},
                           {{Slot::Gate}, "mlp_block.gate_proj"},
                           {{Slot::Up}, "mlp_block.up_proj"},
                           {{Slot::Down}, "mlp_block.down_proj"},
                       });
    d.names = &names;
    return d;
}

}  // namespace millm::engine
