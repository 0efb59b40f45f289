#include "core/engine/tokenizer/tokenizer_setup.h"

#include "core/engine/input/json.h"

#include <algorithm>
#include <array>

namespace millm::engine {

namespace {

/// Which class a model's repositories use that do not name one. Append a row.
struct ModelClass {
    std::string_view model_type, tokenizer_class;
};
constexpr std::array model_classes{
    ModelClass{"albert", "AlbertTokenizer"},
    ModelClass{"bart", "RobertaTokenizer"},
    ModelClass{"bert", "BertTokenizer"},
    ModelClass{"camembert", "CamembertTokenizer"},
    ModelClass{"codegen", "GPT2Tokenizer"},
    ModelClass{"distilbert", "BertTokenizer"},
    ModelClass{"electra", "BertTokenizer"},
    ModelClass{"falcon_mamba", "GPTNeoXTokenizer"},
    ModelClass{"gemma", "GemmaTokenizer"},
    ModelClass{"gemma2", "GemmaTokenizer"},
    ModelClass{"gemma3", "GemmaTokenizer"},
    ModelClass{"gemma3_text", "GemmaTokenizer"},
    ModelClass{"gemma3n", "GemmaTokenizer"},
    ModelClass{"gemma3n_text", "GemmaTokenizer"},
    ModelClass{"gpt2", "GPT2Tokenizer"},
    ModelClass{"gpt_neo", "GPT2Tokenizer"},
    ModelClass{"gpt_neox", "GPTNeoXTokenizer"},
    ModelClass{"gptj", "GPT2Tokenizer"},
    ModelClass{"mamba", "GPTNeoXTokenizer"},
    ModelClass{"mamba2", "GPTNeoXTokenizer"},
    ModelClass{"mpnet", "MPNetTokenizer"},
    ModelClass{"mpt", "GPTNeoXTokenizer"},
    ModelClass{"mt5", "T5Tokenizer"},
    ModelClass{"nomic_bert", "BertTokenizer"},
    ModelClass{"olmo", "GPTNeoXTokenizer"},
    ModelClass{"olmoe", "GPTNeoXTokenizer"},
    ModelClass{"opt", "GPT2Tokenizer"},
    ModelClass{"phi", "GPT2Tokenizer"},
    ModelClass{"qwen2", "Qwen2Tokenizer"},
    ModelClass{"qwen2_moe", "Qwen2Tokenizer"},
    ModelClass{"qwen3", "Qwen2Tokenizer"},
    ModelClass{"qwen3_5", "Qwen3_5Tokenizer"},
    ModelClass{"qwen3_5_moe", "Qwen3_5Tokenizer"},
    ModelClass{"qwen3_5_moe_text", "Qwen3_5Tokenizer"},
    ModelClass{"qwen3_5_text", "Qwen3_5Tokenizer"},
    ModelClass{"qwen3_moe", "Qwen2Tokenizer"},
    ModelClass{"qwen3_next", "Qwen2Tokenizer"},
    ModelClass{"recurrent_gemma", "GemmaTokenizer"},
    ModelClass{"roberta", "RobertaTokenizer"},
    ModelClass{"rwkv", "GPTNeoXTokenizer"},
    ModelClass{"starcoder2", "GPT2Tokenizer"},
    ModelClass{"switch_transformers", "T5Tokenizer"},
    ModelClass{"t5", "T5Tokenizer"},
    ModelClass{"t5gemma", "GemmaTokenizer"},
    ModelClass{"xglm", "XGLMTokenizer"},
    ModelClass{"xlm-roberta", "XLMRobertaTokenizer"},
};

/// Models whose repositories name LlamaTokenizer for files that are not like Llama's. Append a row.
constexpr std::array<std::string_view, 25> misnaming_models{
    "arctic",   "ernie4_5",  "ernie4_5_moe", "fuyu",       "h2ovl_chat", "internlm2",  "internlm3",     "jamba",    "llava",
    "minicpm",  "minicpm3",  "minicpmv",     "minimax_m2", "ministral",  "ministral3", "mistral",       "mistral3", "mixtral",
    "nemotron", "persimmon", "phi3",         "phi3_v",     "phimoe",     "umt5",       "xlm-roberta-xl"};

}  // namespace

Result<TokenizerSetup> TokenizerSetup::read(const std::filesystem::path &folder) {
    TokenizerSetup setup;
    auto special = read_special_tokens(folder);
    if (!special) return std::move(special).error();
    setup.special = std::move(*special);
    auto config = read_json_object(folder / "tokenizer_config.json", long_list_limits);
    if (!config) return std::move(config).error();
    if (*config) setup.config = std::move(**config);
    const auto model = read_json_object(folder / "config.json", long_list_limits);
    if (!model) return model.error();

    const std::string *type = *model ? (*model)->text("model_type") : nullptr;
    const std::string *name = setup.config.text("tokenizer_class");
    if (!name && *model) name = (*model)->text("tokenizer_class");
    if (name) setup.class_name = name->ends_with("Fast") ? name->substr(0, name->size() - 4) : *name;
    if (!type) return setup;
    setup.class_misnamed = std::find(misnaming_models.begin(), misnaming_models.end(), *type) != misnaming_models.end();
    const auto row = std::find_if(model_classes.begin(), model_classes.end(),
                                  [&](const ModelClass &known) { return known.model_type == *type; });
    if (!name && row != model_classes.end()) setup.class_name = row->tokenizer_class;
    return setup;
}

std::optional<std::string> TokenizerSetup::named(std::string_view name, const char *usual) const {
    for (const auto &[key, content] : special.named)
        if (key == name) return content;
    if (!usual || config.find(name)) return std::nullopt;
    return std::string(usual);
}

bool TokenizerSetup::flag(std::string_view key, bool usual) const {
    const JsonValue *value = config.given(key);
    return value ? value->boolean().value_or(usual) : usual;
}

}  // namespace millm::engine
