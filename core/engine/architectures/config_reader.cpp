#include "core/engine/architectures/config_reader.h"

#include "core/engine/decimal.h"
#include "core/engine/input/json.h"

#include <cmath>
#include <utility>

namespace millm::engine {

namespace {

// A factor beyond it is no rotary scaling, and its product with a context length would leave 64 bits.
constexpr double largest_factor = 1e9;

}  // namespace

Result<ConfigReader> ConfigReader::parse(std::string_view config_json) {
    auto parsed = parse_json_object(config_json, "config.json");
    if (!parsed) return std::move(parsed).error();
    return ConfigReader(*std::move(parsed));
}

bool ConfigReader::has(const char *key) const {
    return json_.given(key) != nullptr;
}

void ConfigReader::fail(ErrorCode code, std::string message, std::int64_t wanted, std::int64_t got) {
    if (!error_) error_ = Error{code, std::move(message), wanted, got};
}

void ConfigReader::misfit(const char *key, const JsonValue &field, const char *wanted) {
    fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + field.shown() + ", not " + wanted);
}

std::int64_t ConfigReader::count_in(const JsonValue &object, const char *key, std::optional<std::int64_t> fallback,
                                    std::int64_t limit) {
    const JsonValue *field = object.given(key);
    if (!field) {
        if (fallback) return *fallback;
        fail(ErrorCode::InvalidFile, std::string("config.json lacks \"") + key + "\"");
        return 1;
    }
    const std::string range = "a whole number from 1 to " + std::to_string(limit);
    const auto value = field->integer();
    if (!value) {
        misfit(key, *field, range.c_str());
        return 1;
    }
    if (*value < 1 || *value > limit) {
        fail(ErrorCode::InvalidFile,
             std::string("config.json: \"") + key + "\" is " + field->shown() + ", outside 1 to " + std::to_string(limit),
             limit, *value);
        return 1;
    }
    return *value;
}

std::int64_t ConfigReader::count(const char *key, std::optional<std::int64_t> fallback, std::int64_t limit) {
    return count_in(json_, key, fallback, limit);
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
    return number_in(json_, key, fallback);
}

bool ConfigReader::flag(const char *key, bool fallback) {
    const JsonValue *field = json_.given(key);
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
    return text_in(json_, key, fallback);
}

std::vector<std::int32_t> ConfigReader::token_ids(const char *key, std::vector<std::int32_t> fallback) {
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
    const JsonValue *field = json_.given(key);
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

std::string ConfigReader::quantization_method() {
    const JsonValue *quantization = json_.given("quantization_config");
    if (!quantization) return {};
    if (!quantization->is_object()) {
        misfit("quantization_config", *quantization, "an object");
        return {};
    }
    if (quantization->members().empty()) return {};
    const bool bitsandbytes = quantization->flag("load_in_4bit") || quantization->flag("load_in_8bit");
    const std::string method = text_in(*quantization, "quant_method", bitsandbytes ? "bitsandbytes" : "");
    if (method.empty())
        fail(ErrorCode::Unsupported,
             "config.json: \"quantization_config\" lacks \"quant_method\", so how its weights are stored is not known");
    return method;
}

Activation ConfigReader::activation(const char *key, std::string_view fallback) {
    static constexpr std::pair<std::string_view, Activation> table[] = {
        {"silu", Activation::Silu},         {"swish", Activation::Silu},         {"gelu", Activation::GeluErf},
        {"gelu_new", Activation::GeluTanh}, {"gelu_fast", Activation::GeluTanh}, {"gelu_pytorch_tanh", Activation::GeluTanh},
        {"relu", Activation::Relu},
    };
    const std::string name = text(key, fallback);
    for (const auto &[spelling, activation] : table) {
        if (spelling == name) return activation;
    }
    fail(ErrorCode::Unsupported,
         std::string("config.json: \"") + key + "\" is \"" + name + "\", an activation this engine does not have");
    return Activation::Silu;
}

RopeDescription ConfigReader::rope(std::int64_t head_dim, std::int64_t max_positions, double default_theta) {
    static constexpr std::pair<std::string_view, RopeScaling> table[] = {
        {"default", RopeScaling::None},
        {"linear", RopeScaling::Linear},
        {"dynamic", RopeScaling::Dynamic},
        {"llama3", RopeScaling::Llama3},
    };
    RopeDescription rope;
    rope.dims = head_dim;
    rope.theta = positive("rope_theta", default_theta);
    const char *key = has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (!has(key)) return rope;
    const JsonValue &scaling = *json_.given(key);
    if (!scaling.is_object()) {
        misfit(key, scaling, "an object");
        return rope;
    }
    rope.theta = number_in(scaling, "rope_theta", rope.theta);
    // "type" is the older key; repositories may carry both.
    const std::string kind = text_in(scaling, "rope_type", text_in(scaling, "type", "default"));
    bool known = false;
    for (const auto &[spelling, value] : table) {
        if (spelling == kind) rope.scaling = value, known = true;
    }
    if (!known) {
        fail(ErrorCode::Unsupported, std::string("config.json: \"") + key + "\" asks for \"" + kind +
                                         "\", a rotary scaling this engine does not have (default, linear, dynamic, llama3)");
        return rope;
    }
    if (rope.scaling == RopeScaling::None) return rope;
    if (!scaling.given("factor")) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" of kind \"" + kind + "\" lacks \"factor\"");
        return rope;
    }
    rope.factor = number_in(scaling, "factor", 1.0, largest_factor);
    rope.low_freq_factor = number_in(scaling, "low_freq_factor", 1.0);
    rope.high_freq_factor = number_in(scaling, "high_freq_factor", 4.0);
    rope.original_positions = count_in(scaling, "original_max_position_embeddings", max_positions, 1 << 28);
    if (rope.scaling == RopeScaling::Llama3 && rope.high_freq_factor <= rope.low_freq_factor) {
        fail(ErrorCode::InvalidFile, "config.json: \"high_freq_factor\" " + decimal_text(rope.high_freq_factor) +
                                         " is not above \"low_freq_factor\" " + decimal_text(rope.low_freq_factor));
    }
    return rope;
}

std::vector<std::int64_t> ConfigReader::windows(std::int64_t layers, std::int64_t fallback) {
    std::int64_t window = fallback;
    if (json_.find("sliding_window")) window = has("sliding_window") ? count("sliding_window") : 0;
    if (window == 0) return {};
    std::vector<std::int64_t> result(static_cast<std::size_t>(layers), window);
    const std::vector<std::string> types = texts("layer_types");
    if (types.empty()) return result;
    if (types.size() != result.size()) {
        fail(ErrorCode::InvalidFile, "config.json: \"layer_types\" has " + std::to_string(types.size()) + " entries for " +
                                         std::to_string(layers) + " layers");
        return result;
    }
    for (std::size_t layer = 0; layer < types.size(); ++layer) {
        if (types[layer] == "full_attention") {
            result[layer] = 0;
        } else if (types[layer] != "sliding_attention") {
            fail(ErrorCode::Unsupported,
                 "config.json: \"layer_types\" names \"" + types[layer] + "\", which this engine does not have");
        }
    }
    return result;
}

}  // namespace millm::engine
