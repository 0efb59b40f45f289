#include "core/engine/architectures/config_reader.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/decimal.h"
#include "core/engine/input/json.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millm::engine {

namespace {

// A factor beyond it is no rotary scaling, and its product with a context length would leave 64 bits.
constexpr double largest_factor = 1e9;

// Fields that say how a model was trained, how it is written down or how it is served.
constexpr std::string_view harmless_fields[] = {
    "add_cross_attention", "architectures", "attention_implementation", "auto_map", "bad_words_ids", "begin_suppress_tokens",
    "chunk_size_feed_forward", "cls_token_id", "cross_attention_hidden_size", "custom_pipelines", "dtype", "finetuning_task",
    "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing", "id2label", "is_decoder", "is_encoder_decoder",
    "keys_to_ignore_at_inference", "label2id", "language", "license", "mask_token_id", "model_type", "num_labels",
    "pad_token_id", "prefix", "pretraining_tp", "problem_type", "pruned_heads", "quantization_config", "return_dict",
    "sep_token_id", "seq_length", "time_step_limit", "task_specific_params", "tie_encoder_decoder", "tokenizer_class",
    "tokenizer_file", "tokenizer_name", "torch_dtype", "torchscript", "transformers_version", "transformers.js_config",
    "use_bfloat16", "use_cache", "use_mems_eval", "unk_token_id", "unk_index", "eos_index", "bos_index", "pad_index", "version",
    "max_seq_len", "max_sequence_length", "model_max_length", "attn_implementation", "attn_impl", "use_flash_attention",
    "use_flash_attn", "flash_attention", "use_return_dict", "output_scores", "output_attentions", "output_hidden_states",
    "fused_attention", "ffn_hidden_size_note", "base_model_name_or_path", "name_or_path", "moe_layer_note", "vision_config",
    "audio_config", "text_config",
    // what generation_config.json holds now
    "max_length", "min_length", "max_new_tokens", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
    "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
    "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "num_return_sequences", "remove_invalid_values",
    "exponential_decay_length_penalty", "suppress_tokens"};
// Parts of names of such fields: training, initial values, losses.
constexpr std::string_view harmless_parts[] = {"dropout",  "pdrop",         "initializer",  "init_std", "_loss",
                                               "summary_", "z_loss",        "aux_loss",     "unsloth",  "jitter",
                                               "rescale_", "checkpointing", "router_logits"};

bool is_harmless(std::string_view key) {
    if (key.starts_with('_') || std::ranges::find(harmless_fields, key) != std::end(harmless_fields)) return true;
    return std::ranges::any_of(harmless_parts, [&](std::string_view part) { return key.find(part) != std::string_view::npos; });
}

/// A switch that is off, nothing of something.
bool says_nothing(const JsonValue &value) {
    if (value.is_null() || value.boolean() == false || value.number() == 0.0) return true;
    if (value.text()) return value.text()->empty();
    return value.is_list() ? value.items().empty() : value.is_object() && value.members().empty();
}

}  // namespace

Result<ConfigReader> ConfigReader::parse(std::string_view config_json) {
    auto parsed = parse_json_object(config_json, "config.json");
    if (!parsed) return std::move(parsed).error();
    return ConfigReader(*std::move(parsed));
}

const JsonValue *ConfigReader::given(const char *key) {
    read_.insert(key);
    return json_.given(key);
}

bool ConfigReader::has(const char *key) {
    return given(key) != nullptr;
}

const char *ConfigReader::first_of(std::initializer_list<const char *> keys) {
    const char *first = *keys.begin();
    for (const char *key : keys)
        if (has(key) && !has(first)) first = key;
    return first;
}

void ConfigReader::fail(ErrorCode code, std::string message, std::int64_t wanted, std::int64_t got) {
    fail_at({}, code, std::move(message), wanted, got);
}

void ConfigReader::fail_at(std::string_view field, ErrorCode code, std::string message, std::int64_t wanted, std::int64_t got) {
    if (!error_) error_ = Error{code, std::move(message), wanted, got, std::string(field)};
}

void ConfigReader::unsupported(const char *key, const std::string &what) {
    fail_at(key, ErrorCode::Unsupported, std::string("config.json: \"") + key + "\" " + what);
}

void ConfigReader::misfit(const char *key, const JsonValue &field, const char *wanted) {
    fail_at(key, ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + field.shown() + ", not " + wanted);
}

std::int64_t ConfigReader::count_in(const JsonValue &object, const char *key, std::optional<std::int64_t> fallback,
                                    std::int64_t least, std::int64_t limit) {
    const JsonValue *field = object.given(key);
    if (!field) {
        if (fallback) return *fallback;
        fail_at(key, ErrorCode::InvalidFile, std::string("config.json lacks \"") + key + "\"");
        return 1;
    }
    const std::string range = std::to_string(least) + " to " + std::to_string(limit);
    const auto value = field->integer();
    if (!value) {
        misfit(key, *field, ("a whole number from " + range).c_str());
        return 1;
    }
    if (*value < least || *value > limit) {
        fail_at(key, ErrorCode::InvalidFile,
                std::string("config.json: \"") + key + "\" is " + field->shown() + ", outside " + range, limit, *value);
        return 1;
    }
    return *value;
}

std::int64_t ConfigReader::count(const char *key, std::optional<std::int64_t> fallback, std::int64_t limit) {
    read_.insert(key);
    return count_in(json_, key, fallback, 1, limit);
}

std::int64_t ConfigReader::count_or_none(const char *key, std::int64_t fallback, std::int64_t limit) {
    read_.insert(key);
    return count_in(json_, key, fallback, 0, limit);
}

double ConfigReader::number_in(const JsonValue &object, const char *key, double fallback, double limit) {
    const JsonValue *field = object.given(key);
    if (!field) return fallback;
    const double value = field->number().value_or(std::nan(""));
    if (!(value > 0 && value <= limit)) {
        misfit(key, *field, limit == largest_factor ? "a positive number up to 1e9" : "a positive number");
        return fallback;
    }
    return value;
}

double ConfigReader::positive(const char *key, double fallback) {
    read_.insert(key);
    return number_in(json_, key, fallback, largest_factor);
}

double ConfigReader::optional(const char *key, double fallback) {
    read_.insert(key);
    const JsonValue *field = json_.find(key);
    if (field != nullptr && (field->is_null() || field->number() == 0.0 || field->boolean() == false)) return 0;
    return number_in(json_, key, fallback, largest_factor);
}

double ConfigReader::number(const char *key, double fallback) {
    const JsonValue *field = given(key);
    if (!field) return fallback;
    const double value = field->number().value_or(std::nan(""));
    if (!(std::fabs(value) <= largest_factor)) {
        misfit(key, *field, "a number between -1e9 and 1e9");
        return fallback;
    }
    return value;
}

bool ConfigReader::flag(const char *key, bool fallback) {
    const JsonValue *field = given(key);
    if (!field) return fallback;
    if (!field->boolean()) misfit(key, *field, "true or false");
    return field->boolean().value_or(fallback);
}

std::string ConfigReader::text_in(const JsonValue &object, const char *key, std::string_view fallback) {
    const JsonValue *field = object.given(key);
    if (!field) return std::string(fallback);
    if (!field->text()) misfit(key, *field, "a text");
    return field->text() ? *field->text() : std::string(fallback);
}

std::string ConfigReader::text(const char *key, std::string_view fallback) {
    read_.insert(key);
    return text_in(json_, key, fallback);
}

std::vector<std::int32_t> ConfigReader::token_ids(const char *key, std::vector<std::int32_t> fallback) {
    read_.insert(key);
    const JsonValue *field = json_.find(key);
    if (!field) return fallback;
    if (field->is_null()) return {};
    const std::span<const JsonValue> list = field->is_list() ? field->items() : std::span(field, 1);
    std::vector<std::int32_t> ids;
    for (const JsonValue &id : list) {
        // -1 stands for "none" in some exports.
        const std::int64_t value = id.integer().value_or(-2);
        if (value < -1 || value > (1 << 28)) {
            misfit(key, *field, "a token id or a list of them");
            return {};
        }
        if (value >= 0) ids.push_back(static_cast<std::int32_t>(value));
    }
    return ids;
}

std::vector<std::string> ConfigReader::texts(const char *key) {
    std::vector<std::string> result;
    const JsonValue *field = given(key);
    if (!field) return result;
    for (const JsonValue &item : field->is_list() ? field->items() : std::span(field, 1)) {
        if (!item.text()) {
            misfit(key, *field, "a list of texts");
            return {};
        }
        result.push_back(*item.text());
    }
    return result;
}

std::vector<std::int64_t> ConfigReader::counts(const char *key) {
    std::vector<std::int64_t> result;
    const JsonValue *field = given(key);
    if (!field) return result;
    if (!field->is_list()) misfit(key, *field, "a list of whole numbers");
    for (const JsonValue &item : field->items()) {
        const std::int64_t value = item.integer().value_or(-1);
        if (value < 0 || value > (1 << 28)) {
            misfit(key, *field, "a list of whole numbers from 0 on");
            return {};
        }
        result.push_back(value);
    }
    return result;
}

std::string ConfigReader::quantization_method() {
    const JsonValue *quantization = given("quantization_config");
    if (!quantization) return {};
    if (!quantization->is_object()) {
        misfit("quantization_config", *quantization, "an object");
        return {};
    }
    if (quantization->members().empty()) return {};
    const bool bitsandbytes = quantization->flag("load_in_4bit") || quantization->flag("load_in_8bit");
    const std::string method = text_in(*quantization, "quant_method", bitsandbytes ? "bitsandbytes" : "");
    if (method.empty())
        fail_at("quantization_config", ErrorCode::Unsupported,
                "config.json: \"quantization_config\" lacks \"quant_method\", so how its weights are stored is not known");
    return method;
}

std::vector<double> ConfigReader::numbers(const char *key, std::vector<double> fallback) {
    const JsonValue *field = given(key);
    if (field == nullptr) return fallback;
    std::vector<double> numbers;
    for (const JsonValue &item : field->items()) {
        // As transformers 5 spells what JSON has no number for.
        const std::string *spelled = item.text("__float__");
        const std::optional<double> number = spelled == nullptr       ? item.number()
                                             : *spelled == "Infinity" ? std::optional(std::numeric_limits<double>::infinity())
                                                                      : std::nullopt;
        if (number && !std::isnan(*number)) numbers.push_back(*number);
    }
    if (numbers.size() != fallback.size() || field->items().size() != numbers.size()) {
        misfit(key, *field, ("a list of " + std::to_string(fallback.size()) + " numbers").c_str());
        return fallback;
    }
    return numbers;
}

Activation ConfigReader::activation(const char *key, std::string_view fallback) {
    static constexpr std::pair<std::string_view, Activation> table[] = {
        {"silu", Activation::Silu},           {"swish", Activation::Silu},         {"gelu", Activation::GeluErf},
        {"gelu_new", Activation::GeluTanh},   {"gelu_fast", Activation::GeluTanh}, {"gelu_pytorch_tanh", Activation::GeluTanh},
        {"relu", Activation::Relu},           {"relu2", Activation::ReluSquared},  {"xielu", Activation::Xielu},
        {"gelu_python", Activation::GeluErf},
    };
    const std::string name = text(key, fallback);
    for (const auto &[spelling, activation] : table) {
        if (spelling == name) return activation;
    }
    fail_at(key, ErrorCode::Unsupported,
            std::string("config.json: \"") + key + "\" is \"" + name + "\", an activation this engine does not have");
    return Activation::Silu;
}

RopeDescription ConfigReader::rope(std::int64_t head_dim, std::int64_t max_positions, const Rope &defaults) {
    RopeDescription rope;
    rope.interleaved = defaults.interleaved;
    rope.theta = positive(defaults.theta_key, defaults.theta);
    double share = optional("partial_rotary_factor", defaults.share);
    const char *key = has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (const JsonValue *scaling = given(key)) {
        // Several sets, one a type of layers.
        if (const JsonValue *own = *defaults.layer_type != '\0' ? scaling->given(defaults.layer_type) : nullptr) scaling = own;
        if (!scaling->is_object()) {
            misfit(key, *scaling, "an object");
            return rope;
        }
        rope.theta = number_in(*scaling, "rope_theta", rope.theta);
        share = number_in(*scaling, "partial_rotary_factor", share, 1);
        rope.dims = static_cast<std::int64_t>(static_cast<double>(head_dim) * std::min(share, 1.0));
        if (defaults.scaled || scaling != json_.given(key)) read_scaling(*scaling, key, max_positions, rope);
    }
    if (rope.scaling == RopeScaling::Proportional) rope.turning = std::exchange(share, 1.0);
    rope.dims = static_cast<std::int64_t>(static_cast<double>(head_dim) * std::min(share, 1.0));
    if (rope.dims < 2 || rope.dims % 2 != 0) {
        fail(ErrorCode::InvalidFile,
             "config.json: rotary positions need an even number of dimensions, \"head_dim\" is " + std::to_string(rope.dims),
             head_dim, rope.dims);
        rope.dims = 2;
    }
    return rope;
}

std::vector<double> ConfigReader::factors_in(const JsonValue &object, const char *key, std::int64_t count) {
    const JsonValue *field = object.given(key);
    const auto items = field != nullptr ? field->items() : std::span<const JsonValue>();
    std::vector<double> factors;
    for (const JsonValue &item : items) {
        const double value = item.number().value_or(0);
        if (value > 0 && value <= largest_factor) factors.push_back(value);
    }
    if (field == nullptr || static_cast<std::int64_t>(factors.size()) != count || items.size() != factors.size()) {
        fail_at(key, ErrorCode::InvalidFile,
                std::string("config.json: \"") + key + "\" has to be a list of " + std::to_string(count) + " positive numbers");
        factors.assign(static_cast<std::size_t>(count), 1);
    }
    return factors;
}

void ConfigReader::read_scaling(const JsonValue &scaling, const char *key, std::int64_t max_positions, RopeDescription &rope) {
    static constexpr std::pair<std::string_view, RopeScaling> table[] = {
        {"default", RopeScaling::None},  {"linear", RopeScaling::Linear}, {"dynamic", RopeScaling::Dynamic},
        {"llama3", RopeScaling::Llama3}, {"yarn", RopeScaling::Yarn},     {"longrope", RopeScaling::LongRope},
        {"su", RopeScaling::LongRope},   {"mrope", RopeScaling::None},    {"proportional", RopeScaling::Proportional},
    };
    // "type" is the older key; repositories may carry both.
    const std::string kind = text_in(scaling, "rope_type", text_in(scaling, "type", "default"));
    bool known = false;
    for (const auto &[spelling, value] : table) {
        if (spelling == kind) rope.scaling = value, known = true;
    }
    if (!known) {
        fail_at(key, ErrorCode::Unsupported,
                std::string("config.json: \"") + key + "\" asks for \"" + kind +
                    "\", a rotary scaling this engine does not have (default, linear, dynamic, llama3, "
                    "yarn, longrope, proportional)");
        return;
    }
    if (rope.scaling == RopeScaling::None) return;
    if (rope.scaling == RopeScaling::Proportional) {
        rope.factor = number_in(scaling, "factor", 1, largest_factor);
        return;
    }
    if (rope.scaling == RopeScaling::Dynamic && scaling.given("alpha") && scaling.given("alpha")->number() != 0.0)
        rope.alpha = number_in(scaling, "alpha", 0, largest_factor);
    rope.original_positions = count_in(scaling, "original_max_position_embeddings",
                                       count("original_max_position_embeddings", max_positions), 1, 1 << 28);
    const double ratio = static_cast<double>(max_positions) / static_cast<double>(rope.original_positions);
    const bool derived = rope.scaling == RopeScaling::LongRope || rope.scaling == RopeScaling::Yarn;
    if (!scaling.given("factor") && !derived && rope.alpha == 0) {
        fail_at(key, ErrorCode::InvalidFile,
                std::string("config.json: \"") + key + "\" of kind \"" + kind + "\" lacks \"factor\"");
        return;
    }
    rope.factor = number_in(scaling, "factor", ratio, largest_factor);
    switch (rope.scaling) {
        case RopeScaling::Llama3:
            rope.low_freq_factor = number_in(scaling, "low_freq_factor", 1.0);
            rope.high_freq_factor = number_in(scaling, "high_freq_factor", 4.0);
            if (rope.high_freq_factor <= rope.low_freq_factor) {
                fail_at("high_freq_factor", ErrorCode::InvalidFile,
                        "config.json: \"high_freq_factor\" " + decimal_text(rope.high_freq_factor) +
                            " is not above \"low_freq_factor\" " + decimal_text(rope.low_freq_factor));
            }
            break;
        case RopeScaling::Yarn: {
            rope.beta_fast = number_in(scaling, "beta_fast", 32, largest_factor);
            rope.beta_slow = number_in(scaling, "beta_slow", 1, largest_factor);
            if (const JsonValue *truncate = scaling.given("truncate")) rope.truncate = truncate->boolean().value_or(true);
            const auto stretched = [&](double times) {
                return rope.factor <= 1 ? 1.0 : 0.1 * times * std::log(rope.factor) + 1;
            };
            const auto positive_or_none = [&](const char *name) {
                const JsonValue *field = scaling.given(name);
                return field && field->number() == 0.0 ? 0.0 : number_in(scaling, name, 0, largest_factor);
            };
            const double scale = positive_or_none("mscale"), all = positive_or_none("mscale_all_dim");
            rope.attention_factor = scale > 0 && all > 0 ? stretched(scale) / stretched(all) : stretched(1);
            rope.attention_factor = number_in(scaling, "attention_factor", rope.attention_factor, largest_factor);
            if (all > 0) rope.score_factor = stretched(all);
            rope.query_scale_rate = positive_or_none("llama_4_scaling_beta");
            break;
        }
        case RopeScaling::LongRope:
            rope.short_factors = factors_in(scaling, "short_factor", rope.dims / 2);
            rope.long_factors = factors_in(scaling, "long_factor", rope.dims / 2);
            rope.attention_factor =
                rope.factor <= 1
                    ? 1.0
                    : std::sqrt(1 + std::log(rope.factor) / std::log(static_cast<double>(rope.original_positions)));
            rope.attention_factor = number_in(scaling, "attention_factor", rope.attention_factor, largest_factor);
            break;
        default:
            break;
    }
}

void ConfigReader::check_layer_types(const std::vector<std::string> &types, std::int64_t depth,
                                     std::initializer_list<std::string_view> known) {
    if (static_cast<std::int64_t>(types.size()) < depth) {
        fail_at("layer_types", ErrorCode::InvalidFile,
                "config.json: \"layer_types\" has " + std::to_string(types.size()) + " entries for " + std::to_string(depth) +
                    " layers");
    }
    for (const std::string &type : types)
        if (std::ranges::find(known, type) == known.end())
            unsupported("layer_types", "names \"" + type + "\", which this engine does not have in this family");
}

std::int64_t ConfigReader::window(std::int64_t fallback, const char *use_key) {
    const bool used = use_key == nullptr || flag(use_key, false);
    read_.insert("sliding_window");
    if (!used) return 0;
    return json_.find("sliding_window") && !has("sliding_window") ? 0 : count_or_none("sliding_window", fallback);
}

void ConfigReader::only(const char *key, bool wanted) {
    if (flag(key, wanted) != wanted) unsupported(key, wanted ? "false is not supported here" : "true is not supported here");
}

void ConfigReader::only(const char *key, double wanted) {
    if (number(key, wanted) != wanted) unsupported(key, "other than " + decimal_text(wanted) + " is not supported here");
}

void ConfigReader::refuse_unread() {
    for (const JsonMember &member : json_.members()) {
        if (read_.contains(member.key) || says_nothing(member.value) || is_harmless(member.key)) continue;
        return fail_at(printable(member.key), ErrorCode::Unsupported,
                       "config.json: \"" + printable(member.key) + "\" is " + member.value.shown() +
                           ", a field that this engine does not know for this type of model, and that may "
                           "change what it computes");
    }
}

}  // namespace millm::engine
