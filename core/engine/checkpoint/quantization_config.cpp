#include "core/engine/checkpoint/quantization_config.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/json.h"
#include "core/engine/quantization/layout.h"

#include <string_view>

namespace millm::engine {
namespace {

/// dtype (new) or torch_dtype (old) where it is one of the three that layers compute in; else the weights' own.
std::string compute_dtype(const JsonValue &config, DType weights) {
    for (const char *key : {"dtype", "torch_dtype"}) {
        const std::string *given = config.text(key);
        if (!given) continue;
        std::string name = *given;
        if (name.compare(0, 6, "torch.") == 0) name.erase(0, 6);
        if (name == "bfloat16" || name == "float16" || name == "float32") return name;
    }
    return std::string(torch_name_of(weights));
}

/// Of a repository with several parts the text's own may say it.
JsonValue without_quantization(const JsonValue &config) {
    JsonValue::Members members;
    for (const auto &[key, value] : config.members())
        if (key != "quantization_config")
            members.push_back({key, key == "text_config" && value.is_object() ? without_quantization(value) : value});
    return JsonValue::object_of(std::move(members));
}

}  // namespace

Result<std::string> with_quantization_config(const std::string &config_json, Scheme scheme, DType weights) {
    auto config = parse_json_object(config_json, "config.json");
    if (!config) return std::move(config).error();
    const bool four = scheme == Scheme::NF4;
    // Unused 4-bit keys stand at transformers' defaults; the underscored ones are in its files too.
    auto quantization = JsonValue::object({
        {"_load_in_4bit", four},
        {"_load_in_8bit", !four},
        {"bnb_4bit_compute_dtype", four ? compute_dtype(*config, weights) : std::string("float32")},
        {"bnb_4bit_quant_storage", "uint8"},
        {"bnb_4bit_quant_type", four ? "nf4" : "fp4"},
        {"bnb_4bit_use_double_quant", four},
        {"llm_int8_enable_fp32_cpu_offload", false},
        {"llm_int8_has_fp16_weight", false},
        {"llm_int8_skip_modules", nullptr},
        {"llm_int8_threshold", 6.0},
        {"load_in_4bit", four},
        {"load_in_8bit", !four},
        {"quant_method", "bitsandbytes"},
    });
    JsonValue result = without_quantization(*config);
    result.set("quantization_config", std::move(quantization));
    return result.dump(2) + "\n";
}

Result<std::string> without_quantization_config(const std::string &config_json) {
    const auto config = parse_json_object(config_json, "config.json");
    if (!config) return config.error();
    return without_quantization(*config).dump(2) + "\n";
}

Result<bool> is_prequantized(const std::string &config_json, Scheme scheme) {
    const auto config = parse_json_object(config_json, "config.json");
    if (!config) return config.error();
    const JsonValue *quantization = config->given("quantization_config");
    if (!quantization || !quantization->is_object()) return false;
    const bool int8 = quantization->flag("load_in_8bit");
    const std::string *named = quantization->text("quant_method");
    if (named ? *named != "bitsandbytes" : !int8 && !quantization->flag("load_in_4bit")) return false;
    if (int8 != (scheme == Scheme::Int8))
        return failure(ErrorCode::Unsupported, "the repository is quantized already in ", int8 ? 8 : 4, " bits; choose ",
                       int8 ? "Q8" : "Q4", ", or the original model for ", scheme_info(scheme).id);
    return true;
}

}  // namespace millm::engine
