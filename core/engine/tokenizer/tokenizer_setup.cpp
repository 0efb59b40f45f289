#include "core/engine/tokenizer/tokenizer_setup.h"

#include "core/engine/input/json.h"
#include "core/engine/tokenizer/text_files.h"

#include <algorithm>
#include <array>

namespace millm::engine {

namespace {

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
    setup.class_name = tokenizer_class(setup.config, *model ? **model : JsonValue());
    if (!type) return setup;
    setup.class_misnamed = std::find(misnaming_models.begin(), misnaming_models.end(), *type) != misnaming_models.end();
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
