// Mamba, its second form, and Falcon Mamba: decoders whose layers are one state space each. What the hybrids share with them.
#include "core/engine/architectures/families.h"
#include "core/engine/architectures/mamba_fields.h"

#include <algorithm>

namespace millm::engine {

namespace {

// How steps were drawn when training began, and how they are computed on other machines.
const std::initializer_list<const char *> harmless_in_mamba = {"time_step_min",
                                                               "time_step_max",
                                                               "time_step_floor",
                                                               "time_step_scale",
                                                               "time_step_init_scheme",
                                                               "residual_in_fp32",
                                                               "chunk_size",
                                                               "use_mambapy",
                                                               "use_falcon_mambapy",
                                                               "use_associative_scan",
                                                               "use_mamba_kernels",
                                                               "num_logits_to_keep",
                                                               "mamba_chunk_size",
                                                               "mamba_ssm_cache_dtype",
                                                               "intermediate_size",
                                                               "d_model",
                                                               "d_inner",
                                                               "n_layer",
                                                               "ssm_cfg",
                                                               "fused_add_norm",
                                                               "rms_norm",
                                                               "pad_vocab_size_multiple"};

DecoderDescription mamba_fields(ConfigReader &config, bool tied, std::vector<std::int32_t> eos) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5},
                                                   .eps_key = "layer_norm_epsilon",
                                                   .max_positions = endless_positions,
                                                   .tied = tied,
                                                   .bos = {0},
                                                   .eos = std::move(eos)});
    config.harmless(harmless_in_mamba);
    return d;
}

WeightNames backbone_names() {
    WeightNames names = with_rows(llama_names(), {
                                                     {{Slot::TokenEmbedding}, "embeddings"},
                                                     {{Slot::TokenEmbedding}, "embedding"},
                                                     {{Slot::FinalNorm}, "norm_f"},
                                                     {{Slot::BeforeMixer}, "norm"},
                                                 });
    names.root = "backbone.";
    return names;
}

void all_layers(DecoderDescription &d, const MixerDescription &mixer, const WeightNames &names) {
    d.names = &names;
    ResidualDescription residual;
    residual.before_mixer = d.final_norm;
    for (LayerDescription &layer : d.layers) layer = {mixer, DenseDescription(), residual};
}

}  // namespace

namespace {

/// Appends rows as the hybrids spell a mixer, and as Mamba itself and Nemotron do.
class MambaRows {
public:
    explicit MambaRows(WeightNames names) : names_(std::move(names)) {}

    void add(std::initializer_list<Slot> slots, std::string_view hybrid, std::string_view own,
             Storage storage = Storage::OutIn) {
        for (const std::string_view module : {hybrid, own}) {
            WeightRow row{{}, module, Cut::Blocks, storage};
            std::ranges::copy(slots, row.slots.begin());
            names_.inside.push_back(row);
        }
    }
    WeightNames take() {
        add({Slot::Convolution}, "mamba.conv1d.weight", "mixer.conv1d.weight", Storage::Tensor);
        add({Slot::ConvolutionBias}, "mamba.conv1d.bias", "mixer.conv1d.bias", Storage::Tensor);
        add({Slot::DecayRate}, "mamba.A_log", "mixer.A_log", Storage::Tensor);
        add({Slot::Skip}, "mamba.D", "mixer.D", Storage::Tensor);
        add({Slot::RecurrentOut}, "mamba.out_proj", "mixer.out_proj");
        return std::move(names_);
    }

private:
    WeightNames names_;
};

}  // namespace

WeightNames with_scan_rows(WeightNames names) {
    MambaRows rows(std::move(names));
    rows.add({Slot::ScanValue, Slot::OutputGate}, "mamba.in_proj", "mixer.in_proj");
    rows.add({Slot::StepDown, Slot::ScanKey, Slot::ScanQuery}, "mamba.x_proj", "mixer.x_proj");
    rows.add({Slot::Step}, "mamba.dt_proj", "mixer.dt_proj");
    rows.add({Slot::StepNorm}, "mamba.dt_layernorm", "mixer.dt_layernorm");
    rows.add({Slot::ScanKeyNorm}, "mamba.b_layernorm", "mixer.b_layernorm");
    rows.add({Slot::ScanQueryNorm}, "mamba.c_layernorm", "mixer.c_layernorm");
    return rows.take();
}

WeightNames with_state_space_rows(WeightNames names) {
    MambaRows rows(std::move(names));
    rows.add({Slot::OutputGate, Slot::ScanValue, Slot::ScanKey, Slot::ScanQuery, Slot::Step}, "mamba.in_proj", "mixer.in_proj");
    rows.add({Slot::StepBias}, "mamba.dt_bias", "mixer.dt_bias", Storage::Tensor);
    rows.add({Slot::RecurrentNorm}, "mamba.norm", "mixer.norm");
    return rows.take();
}

std::int64_t expanded(ConfigReader &config, const DecoderDescription &d, const char *key) {
    const double expand = config.positive(key, 2);
    const double channels = expand * static_cast<double>(d.hidden);
    if (channels < 1 || channels > static_cast<double>(widest_layer)) {
        config.unsupported(key, "makes layers of " + std::to_string(channels) + " channels");
        return 1;
    }
    return static_cast<std::int64_t>(channels);
}

namespace {

/// The rank of the product that makes a step: a number, or "auto", a sixteenth of the hidden size.
std::int64_t step_rank(ConfigReader &config, const char *key, std::int64_t hidden) {
    const JsonValue *field = config.given(key);
    if (field != nullptr && field->text() == nullptr) return config.count(key, {}, widest_layer);
    if (field != nullptr && *field->text() != "auto") config.unsupported(key, "is neither a number nor \"auto\"");
    return (hidden + 15) / 16;
}

}  // namespace

SelectiveScanDescription scan_fields(ConfigReader &config, const ScanKeys &keys, const DecoderDescription &d) {
    SelectiveScanDescription s;
    s.channels = expanded(config, d, keys.expand);
    s.state = config.count(keys.state, 16, 1 << 16);
    s.kernel = config.count(keys.kernel, 4, 1 << 10);
    s.rank = step_rank(config, keys.rank, d.hidden);
    s.bias = config.flag(keys.bias, false);
    s.convolution_bias = config.flag(keys.convolution_bias, true);
    s.activation = config.activation("hidden_act", "silu");
    return s;
}

StateSpaceDescription state_space_fields(ConfigReader &config, const StateSpaceKeys &keys, std::int64_t channels,
                                         const StateSpaceDefaults &defaults) {
    StateSpaceDescription s;
    s.heads = config.count(keys.heads, defaults.heads, 1 << 16);
    const JsonValue *dim = config.given(keys.head_dim);
    const bool computed = dim == nullptr ? defaults.head_dim == 0 : dim->text() != nullptr && *dim->text() == "auto";
    if (computed) config.harmless({keys.head_dim});
    s.head_dim =
        computed ? std::max<std::int64_t>(1, channels / s.heads) : config.count(keys.head_dim, defaults.head_dim, 1 << 16);
    s.groups = config.count(keys.groups, defaults.groups, 1 << 16);
    s.state = config.count(keys.state, defaults.state, 1 << 16);
    s.kernel = config.count(keys.kernel, 4, 1 << 10);
    s.bias = s.output_bias = config.flag(keys.bias, false);
    s.convolution_bias = config.flag(keys.convolution_bias, true);
    s.activation = config.activation(keys.activation, "silu");
    const std::vector<double> limits = config.numbers("time_step_limit", {s.least_step, s.most_step});
    s.least_step = limits[0];
    s.most_step = limits[1];
    s.norm_groups = s.groups;
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    if (channels > 0 && s.channels() != channels)
        config.fail(ErrorCode::InvalidFile, "config.json: " + text(s.heads) + " heads of " + text(s.head_dim) +
                                                " do not make the " + text(channels) + " channels of a state space");
    if (s.heads % s.groups != 0)
        config.fail(ErrorCode::InvalidFile, "config.json: the " + text(s.heads) +
                                                " heads of a state space do not divide into " + text(s.groups) + " groups");
    return s;
}

namespace {

constexpr ScanKeys own_scan_keys{"expand", "state_size", "conv_kernel", "time_step_rank", "use_bias", "use_conv_bias"};

const WeightNames &scan_names() {
    static const WeightNames names = with_scan_rows(backbone_names());
    return names;
}

}  // namespace

DecoderDescription describe_mamba(ConfigReader &config) {
    DecoderDescription d = mamba_fields(config, true, {0});
    all_layers(d, scan_fields(config, own_scan_keys, d), scan_names());
    return d;
}

DecoderDescription describe_falcon_mamba(ConfigReader &config) {
    DecoderDescription d = mamba_fields(config, true, {0});
    SelectiveScanDescription scan = scan_fields(config, own_scan_keys, d);
    scan.norm = {NormKind::Rms, config.positive("mixer_rms_eps", 1e-6), false};
    all_layers(d, scan, scan_names());
    return d;
}

DecoderDescription describe_mamba2(ConfigReader &config) {
    DecoderDescription d = mamba_fields(config, false, {2});
    config.harmless({"time_step_rank"});
    StateSpaceDescription space = state_space_fields(
        config, {"num_heads", "head_dim", "n_groups", "state_size", "conv_kernel", "use_bias", "use_conv_bias", "hidden_act"},
        expanded(config, d, "expand"), {.heads = 128, .head_dim = 64, .groups = 8, .state = 128});
    space.norm = d.final_norm;
    static const WeightNames names = with_state_space_rows(backbone_names());
    all_layers(d, space, names);
    return d;
}

}  // namespace millm::engine
