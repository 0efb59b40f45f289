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

std::string lower(std::string_view text) {
    std::string result(text);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

constexpr std::string_view language_heads[] = {"ForCausalLM", "LMHeadModel", "DoubleHeadsModel"};

/// A decoder with a language head, or the family's bare decoder ("LlamaModel"): not a classifier, an embedder or a reward model
/// on top of one.
bool writes_text(std::string_view architecture, const Family &family) {
    std::string_view name = family.architecture;
    for (const std::string_view head : language_heads) {
        if (architecture.ends_with(head)) return true;
        if (name.ends_with(head)) name.remove_suffix(head.size());
    }
    return lower(architecture) == lower(name) + "model";
}

constexpr std::int64_t most_layers = 2048, widest = 1 << 20;

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
    // Far past any model, and so that no count of bytes made of these leaves 64 bits.
    if (d.layers > most_layers || d.heads > widest || d.heads * d.head_dim > widest || d.hidden > widest ||
        d.intermediate > 16 * widest) {
        config.fail(ErrorCode::InvalidFile, "config.json: " + text(d.layers) + " layers, " + text(d.heads) + " heads of " +
                                                text(d.head_dim) + ", hidden size " + text(d.hidden) +
                                                " and intermediate size " + text(d.intermediate) + " are beyond any model");
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
    const JsonValue *auto_map = config.json().given("auto_map");
    const bool has_auto_map = auto_map && !(auto_map->is_object() && auto_map->members().empty());
    const std::string quantization = config.quantization_method();
    if (config.error()) return *config.error();
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
    if (!architecture.empty() && !writes_text(architecture, *family)) {
        return Error{ErrorCode::Unsupported, "architecture \"" + architecture + "\" does not generate text"};
    }

    DecoderDescription d = family->describe(config);
    d.model_type = model_type;
    d.architecture = architecture.empty() ? std::string(family->architecture) : architecture;
    d.has_auto_map = has_auto_map;
    d.torch_dtype = config.text("dtype", config.text("torch_dtype", ""));
    if (d.torch_dtype.rfind("torch.", 0) == 0) d.torch_dtype.erase(0, 6);
    d.quantization = quantization;
    check(d, config);
    if (config.error()) return *config.error();
    return d;
}

std::string_view without_root(const DecoderDescription &decoder, std::string_view module) {
    const std::string_view root = weight_names(decoder).root;
    return module.substr(0, root.size()) == root ? module.substr(root.size()) : module;
}

}  // namespace millm::engine
