#include "core/engine/checkpoint/quantization_config.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/quantization/layout.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace millm::engine {
namespace {

using nlohmann::ordered_json;

/// dtype (new) or torch_dtype (old) where it is one of the three that layers compute in; else the weights' own.
std::string compute_dtype(const ordered_json &config, DType weights) {
    for (const char *key : {"dtype", "torch_dtype"}) {
        const auto found = config.find(key);
        if (found == config.end() || !found->is_string()) continue;
        std::string name = found->get<std::string>();
        if (name.compare(0, 6, "torch.") == 0) name.erase(0, 6);
        if (name == "bfloat16" || name == "float16" || name == "float32") return name;
    }
    return std::string(torch_name_of(weights));
}

}  // namespace

Result<std::string> with_quantization_config(const std::string &config_json, Scheme scheme, DType weights) {
    ordered_json config = ordered_json::parse(config_json, nullptr, false);
    if (!config.is_object()) return invalid_file("config.json: its ", config_json.size(), " bytes are no JSON object");
    const bool four = scheme == Scheme::NF4;
    // Unused 4-bit keys stand at transformers' defaults; the underscored ones are in its files too.
    config["quantization_config"] = ordered_json{
        {"_load_in_4bit", four},
        {"_load_in_8bit", !four},
        {"bnb_4bit_compute_dtype", four ? compute_dtype(config, weights) : "float32"},
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
    };
    return config.dump(2) + "\n";
}

Result<bool> is_prequantized(const std::string &config_json, Scheme scheme) {
    const ordered_json config = ordered_json::parse(config_json, nullptr, false);
    const auto found = config.is_object() ? config.find("quantization_config") : config.end();
    if (!config.is_object() || found == config.end() || !found->is_object()) return false;
    const auto flag = [&](const char *key) {
        const auto value = found->find(key);
        return value != found->end() && value->is_boolean() && value->get<bool>();
    };
    const auto method_field = found->find("quant_method");
    const std::string method = method_field != found->end() && method_field->is_string() ? method_field->get<std::string>()
                               : flag("load_in_4bit") || flag("load_in_8bit")            ? "bitsandbytes"
                                                                                         : "an unnamed method";
    if (method != "bitsandbytes")
        return failure(ErrorCode::Unsupported, "the repository is quantized already with ", printable(method),
                       "; only bitsandbytes is read. Choose the original model");
    const bool int8 = flag("load_in_8bit");
    if (int8 != (scheme == Scheme::Int8))
        return failure(ErrorCode::Unsupported, "the repository is quantized already in ", int8 ? 8 : 4, " bits; choose ",
                       int8 ? "Q8" : "Q4", ", or the original model for ", scheme_info(scheme).id);
    return true;
}

}  // namespace millm::engine
