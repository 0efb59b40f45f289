#include "core/engine/architectures/families.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace millm::engine {

namespace {

// Append a row for a new family.
const Family families[] = {
    {"llama", "LlamaForCausalLM", describe_llama, llama_names},
    {"gpt2", "GPT2LMHeadModel", describe_gpt2, gpt2_names},
    {"mistral", "MistralForCausalLM", describe_mistral, llama_names},
    {"qwen2", "Qwen2ForCausalLM", describe_qwen2, llama_names},
    {"qwen3", "Qwen3ForCausalLM", describe_qwen3, llama_names},
};

const Family *family_of(std::string_view model_type) {
    for (const Family &family : families) {
        if (family.model_type == model_type) return &family;
    }
    return nullptr;
}

std::string supported_as_text() {
    std::string text;
    for (const Family &family : families) {
        if (!text.empty()) text += ", ";
        text += family.model_type;
    }
    return text;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// A decoder with a language head, or the bare decoder: not a classifier or an embedder on top of one.
bool writes_text(std::string_view architecture) {
    return ends_with(architecture, "ForCausalLM") || ends_with(architecture, "LMHeadModel") || ends_with(architecture, "Model");
}

void check(const DecoderDescription &d, ConfigReader &config) {
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    if (d.heads % d.kv_heads != 0) {
        config.fail(
            ErrorCode::InvalidFile,
            "config.json: " + text(d.heads) + " attention heads do not divide into " + text(d.kv_heads) + " key-value heads",
            d.heads, d.kv_heads);
    }
    if (!d.learned_positions && (d.rope.dims % 2 != 0 || d.rope.dims > d.head_dim)) {
        config.fail(ErrorCode::InvalidFile,
                    "config.json: rotary positions need an even number of dimensions, \"head_dim\" is " + text(d.rope.dims),
                    d.head_dim, d.rope.dims);
    }
    if (d.heads > (1 << 16) || d.head_dim > (1 << 16) || d.hidden > (1 << 24)) {
        config.fail(ErrorCode::InvalidFile, "config.json: " + text(d.heads) + " heads of " + text(d.head_dim) +
                                                " and hidden size " + text(d.hidden) + " are beyond any model");
    }
}

}  // namespace

std::vector<std::string_view> supported_model_types() {
    std::vector<std::string_view> result;
    for (const Family &family : families) result.push_back(family.model_type);
    return result;
}

const WeightNames &weight_names(const DecoderDescription &decoder) {
    const Family *family = family_of(decoder.model_type);
    return family != nullptr ? family->names : llama_names;
}

Result<DecoderDescription> describe(std::string_view config_json) {
    Result<ConfigReader> parsed = ConfigReader::parse(config_json);
    if (!parsed) return parsed.error();
    ConfigReader &config = *parsed;

    const std::string model_type = config.text("model_type", "");
    const std::vector<std::string> architectures = config.texts("architectures");
    const std::string architecture = architectures.empty() ? std::string() : architectures.front();
    const bool has_auto_map = config.has("auto_map") && !config.json()["auto_map"].empty();
    const Family *family = family_of(model_type);
    if (family == nullptr) {
        const std::string name = model_type.empty() ? architecture : model_type;
        if (model_type.empty() && architecture.empty())
            return Error{ErrorCode::InvalidFile, "config.json lacks \"model_type\""};
        if (has_auto_map) {
            return Error{ErrorCode::NeedsRemoteCode,
                         "model type \"" + name +
                             "\" runs only with Python code from the repository, which this engine cannot run; it "
                             "has " +
                             supported_as_text()};
        }
        return Error{ErrorCode::Unsupported,
                     "model type \"" + name + "\" is not supported; this engine has " + supported_as_text()};
    }
    if (!architecture.empty() && !writes_text(architecture)) {
        return Error{ErrorCode::Unsupported, "architecture \"" + architecture + "\" does not generate text"};
    }

    DecoderDescription d = family->describe(config);
    d.model_type = model_type;
    d.architecture = architecture.empty() ? std::string(family->architecture) : architecture;
    d.has_auto_map = has_auto_map;
    d.torch_dtype = config.text("dtype", config.text("torch_dtype", ""));
    if (d.torch_dtype.rfind("torch.", 0) == 0) d.torch_dtype.erase(0, 6);
    if (config.has("quantization_config")) {
        const auto &quantization = config.json()["quantization_config"];
        if (quantization.is_object()) d.quantization = quantization.value("quant_method", std::string());
    }
    check(d, config);
    if (config.error()) return *config.error();
    return d;
}

std::string_view without_root(const DecoderDescription &decoder, std::string_view module) {
    const std::string_view root = weight_names(decoder).root;
    return module.substr(0, root.size()) == root ? module.substr(root.size()) : module;
}

}  // namespace millm::engine
