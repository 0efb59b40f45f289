#include "core/engine/tokenizer/text_files.h"

#include "core/engine/tokenizer/byte_level_classes.h"

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

/// The files that may be SentencePiece's or a list of ranks, the likelier first.
std::vector<std::string> model_files(std::span<const std::string> names) {
    std::vector<std::string> found;
    for (const char *usual :
         {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "sentencepiece.model", "tiktoken.model"})
        if (std::ranges::find(names, usual) != names.end()) found.emplace_back(usual);
    const auto begin = static_cast<std::ptrdiff_t>(found.size());
    for (const std::string &name : names)
        if (name.ends_with(".tiktoken") && name.size() > std::string_view(".tiktoken").size()) found.push_back(name);
    std::sort(found.begin() + begin, found.end());
    return found;
}

constexpr std::string_view more_templates = "additional_chat_templates/", template_ending = ".jinja";

}  // namespace

std::string_view id_of(TokenizerKind kind) {
    switch (kind) {
        case TokenizerKind::None:
            return "none";
        case TokenizerKind::TokenizerJson:
            return "tokenizer_json";
        case TokenizerKind::ByteLevel:
            return "byte_level_bpe";
        case TokenizerKind::SentencePiece:
            return "sentencepiece";
        case TokenizerKind::Tiktoken:
            return "tiktoken";
        case TokenizerKind::Tekken:
            return "tekken";
        case TokenizerKind::WordPiece:
            return "word_piece";
    }
    return "none";
}

std::string tokenizer_class(const JsonValue &tokenizer_config, const JsonValue &config) {
    const std::string *name = tokenizer_config.text("tokenizer_class");
    if (!name) name = config.text("tokenizer_class");
    if (name) return name->ends_with("Fast") ? name->substr(0, name->size() - 4) : *name;
    const std::string *type = config.text("model_type");
    const auto row =
        std::ranges::find_if(model_classes, [&](const ModelClass &known) { return type && known.model_type == *type; });
    return row == model_classes.end() ? std::string() : std::string(row->tokenizer_class);
}

TokenizerFiles choose_tokenizer_files(std::span<const std::string> names, std::string_view class_name) {
    const auto has = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
    const TokenizerFiles byte_level{TokenizerKind::ByteLevel, {"vocab.json", "merges.txt"}};
    if (has("tokenizer.json")) return {TokenizerKind::TokenizerJson, {"tokenizer.json"}};
    const bool has_byte_level = has(byte_level.files[0]) && has(byte_level.files[1]);
    if (has_byte_level && byte_level_class(class_name) != nullptr) return byte_level;
    if (const auto models = model_files(names); !models.empty()) {
        const bool ranks = models.front().find("tiktoken") != std::string::npos;
        return {ranks ? TokenizerKind::Tiktoken : TokenizerKind::SentencePiece, {models.front()}};
    }
    if (has("tekken.json")) return {TokenizerKind::Tekken, {"tekken.json"}};
    if (has("vocab.txt")) return {TokenizerKind::WordPiece, {"vocab.txt"}};
    if (has_byte_level) return byte_level;
    return {};
}

std::vector<std::string> chat_templates_of_files(std::span<const std::string> names) {
    std::vector<std::string> found;
    for (const std::string &name : names) {
        if (name == "chat_template.jinja") found.emplace_back("default");
        if (!name.starts_with(more_templates) || !name.ends_with(template_ending)) continue;
        const std::string stem =
            name.substr(more_templates.size(), name.size() - more_templates.size() - template_ending.size());
        if (!stem.empty() && stem.find('/') == std::string::npos) found.push_back(stem);
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

Result<TemplateTexts> chat_templates_of(const JsonValue &object, const std::string &file) {
    TemplateTexts texts;
    const JsonValue *member = object.given("chat_template");
    if (!member) return texts;
    if (const std::string *text = member->text()) {
        texts["default"] = *text;
        return texts;
    }
    const auto broken = [&] {
        return Error{ErrorCode::InvalidFile, file + ": chat_template is neither text nor a list of {name, template}"};
    };
    if (!member->is_list()) return broken();
    for (const JsonValue &entry : member->items()) {
        const std::string *name = entry.text("name"), *text = entry.text("template");
        if (!name || !text) return broken();
        texts[*name] = *text;
    }
    return texts;
}

}  // namespace millm::engine
