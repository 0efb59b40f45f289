#include "core/engine/architectures/config_reader.h"

#include <cmath>
#include <utility>

namespace millm::engine {

using Json = nlohmann::json;

Result<ConfigReader> ConfigReader::parse(std::string_view config_json) {
    Json parsed = Json::parse(config_json, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded()) return Error{ErrorCode::InvalidFile, "config.json is not valid JSON"};
    if (!parsed.is_object()) return Error{ErrorCode::InvalidFile, "config.json does not hold an object"};
    return ConfigReader(std::move(parsed));
}

bool ConfigReader::has(const char *key) const {
    const auto it = json_.find(key);
    return it != json_.end() && !it->is_null();
}

void ConfigReader::fail(ErrorCode code, std::string message, std::int64_t wanted, std::int64_t got) {
    if (!error_) error_ = Error{code, std::move(message), wanted, got};
}

std::int64_t ConfigReader::count(const char *key, std::optional<std::int64_t> fallback, std::int64_t limit) {
    if (!has(key)) {
        if (fallback) return *fallback;
        fail(ErrorCode::InvalidFile, std::string("config.json lacks \"") + key + "\"");
        return 1;
    }
    const Json &field = json_[key];
    if (!field.is_number_integer()) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + field.dump() + ", not a whole number");
        return 1;
    }
    const bool huge = field.is_number_unsigned() && field.get<std::uint64_t>() > static_cast<std::uint64_t>(limit);
    const std::int64_t value = huge ? limit + 1 : field.get<std::int64_t>();
    if (value < 1 || value > limit) {
        fail(ErrorCode::InvalidFile,
             std::string("config.json: \"") + key + "\" is " + field.dump() + ", outside 1 to " + std::to_string(limit), limit,
             value);
        return 1;
    }
    return value;
}

double ConfigReader::number_in(const Json &object, const char *key, double fallback) {
    const auto it = object.find(key);
    if (it == object.end() || it->is_null()) return fallback;
    const double value = it->is_number() ? it->get<double>() : std::nan("");
    if (!std::isfinite(value) || value <= 0) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + it->dump() + ", not a positive number");
        return fallback;
    }
    return value;
}

double ConfigReader::positive(const char *key, double fallback) {
    return number_in(json_, key, fallback);
}

bool ConfigReader::flag(const char *key, bool fallback) {
    if (!has(key)) return fallback;
    const Json &field = json_[key];
    if (!field.is_boolean()) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + field.dump() + ", not true or false");
        return fallback;
    }
    return field.get<bool>();
}

std::string ConfigReader::text(const char *key, std::string_view fallback) {
    if (!has(key)) return std::string(fallback);
    const Json &field = json_[key];
    if (!field.is_string()) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + field.dump() + ", not a text");
        return std::string(fallback);
    }
    return field.get<std::string>();
}

std::vector<std::int32_t> ConfigReader::token_ids(const char *key, std::vector<std::int32_t> fallback) {
    if (!json_.contains(key)) return fallback;
    const Json &field = json_[key];
    if (field.is_null()) return {};
    const Json list = field.is_array() ? field : Json::array({field});
    std::vector<std::int32_t> ids;
    for (const Json &id : list) {
        // -1 stands for "none" in some exports.
        if (!id.is_number_integer() || id.get<std::int64_t>() < -1 || id.get<std::int64_t>() > (1 << 28)) {
            fail(ErrorCode::InvalidFile,
                 std::string("config.json: \"") + key + "\" is " + field.dump() + ", not a token id or a list of them");
            return {};
        }
        if (id.get<std::int64_t>() >= 0) ids.push_back(id.get<std::int32_t>());
    }
    return ids;
}

std::vector<std::string> ConfigReader::texts(const char *key) {
    std::vector<std::string> result;
    if (!has(key)) return result;
    for (const Json &item : json_[key]) {
        if (item.is_string()) result.push_back(item.get<std::string>());
    }
    return result;
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
    const Json &scaling = json_[key];
    if (!scaling.is_object()) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" is " + scaling.dump() + ", not an object");
        return rope;
    }
    rope.theta = number_in(scaling, "rope_theta", rope.theta);
    // "type" is the older key; repositories may carry both.
    std::string kind = "default";
    for (const char *name : {"type", "rope_type"}) {
        const auto it = scaling.find(name);
        if (it != scaling.end() && it->is_string()) kind = it->get<std::string>();
    }
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
    if (!scaling.contains("factor")) {
        fail(ErrorCode::InvalidFile, std::string("config.json: \"") + key + "\" of kind \"" + kind + "\" lacks \"factor\"");
        return rope;
    }
    rope.factor = number_in(scaling, "factor", 1.0);
    rope.low_freq_factor = number_in(scaling, "low_freq_factor", 1.0);
    rope.high_freq_factor = number_in(scaling, "high_freq_factor", 4.0);
    rope.original_positions =
        static_cast<std::int64_t>(number_in(scaling, "original_max_position_embeddings", static_cast<double>(max_positions)));
    if (rope.scaling == RopeScaling::Llama3 && rope.high_freq_factor <= rope.low_freq_factor) {
        fail(ErrorCode::InvalidFile, "config.json: \"high_freq_factor\" " + std::to_string(rope.high_freq_factor) +
                                         " is not above \"low_freq_factor\" " + std::to_string(rope.low_freq_factor));
    }
    return rope;
}

std::vector<std::int64_t> ConfigReader::windows(std::int64_t layers, std::int64_t fallback) {
    std::int64_t window = fallback;
    if (json_.contains("sliding_window")) window = has("sliding_window") ? count("sliding_window") : 0;
    if (window == 0 || layers > (1 << 16)) return {};
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
