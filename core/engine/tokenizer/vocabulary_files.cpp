#include "core/engine/tokenizer/vocabulary_files.h"

#include "core/engine/input/json.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/input/utf8.h"

#include <array>
#include <string_view>

namespace millm::engine {

namespace {

constexpr std::uint64_t merges_limit = 256u << 20;

constexpr const char *qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// How a class of tokenizers uses a byte-level vocabulary. Append a row.
struct ByteLevelClass {
    std::string_view name;
    const char *normalizer;  ///< null: none
    const char *pattern;     ///< null: GPT-2's own splitting
    bool bos_eos;            ///< <s> … </s> around the text
};
constexpr std::array classes{
    ByteLevelClass{"GPT2Tokenizer", nullptr, nullptr, false},      ByteLevelClass{"CodeGenTokenizer", nullptr, nullptr, false},
    ByteLevelClass{"GPTNeoXTokenizer", nullptr, nullptr, false},   ByteLevelClass{"RobertaTokenizer", nullptr, nullptr, true},
    ByteLevelClass{"Qwen2Tokenizer", "NFC", qwen2_pattern, false},
};

/// Models whose repositories may lack tokenizer_config.json's tokenizer_class. Append a row.
struct ModelClass {
    std::string_view model_type, tokenizer_class;
};
constexpr std::array model_classes{
    ModelClass{"gpt2", "GPT2Tokenizer"},       ModelClass{"gpt_neo", "GPT2Tokenizer"}, ModelClass{"gptj", "GPT2Tokenizer"},
    ModelClass{"codegen", "CodeGenTokenizer"}, ModelClass{"opt", "GPT2Tokenizer"},     ModelClass{"qwen2", "Qwen2Tokenizer"},
    ModelClass{"qwen3", "Qwen2Tokenizer"},
};

Result<std::string> class_name(const std::filesystem::path &folder) {
    for (const auto &[file, key] : {std::pair{"tokenizer_config.json", "tokenizer_class"}, {"config.json", "model_type"}}) {
        const auto object = read_json_object(folder / file, long_list_limits);
        if (!object) return object.error();
        const std::string *given = *object ? (*object)->text(key) : nullptr;
        if (!given) continue;
        std::string name = *given;
        for (const auto &[model_type, tokenizer_class] : model_classes) {
            if (name == model_type) return std::string(tokenizer_class);
        }
        if (name.ends_with("Fast")) name.resize(name.size() - 4);
        return name;
    }
    return std::string();
}

JsonValue byte_level(bool add_prefix_space, bool use_regex) {
    return JsonValue::object(
        {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", use_regex}});
}

Result<JsonValue> merges_of(const std::string &text) {
    if (const std::size_t valid = valid_utf8_bytes(text); valid < text.size())
        return Error{ErrorCode::InvalidFile, "merges.txt: byte " + std::to_string(valid) + " is not UTF-8"};
    auto merges = JsonValue::list();
    std::size_t line_number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = text.find('\n', begin);
        if (end == std::string::npos) end = text.size();
        auto line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        ++line_number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
        const auto space = line.find(' ');
        if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
            return Error{ErrorCode::InvalidFile,
                         "merges.txt, line " + std::to_string(line_number) + " does not hold two tokens"};
        }
        merges.push_back(JsonValue::list({std::string(line.substr(0, space)), std::string(line.substr(space + 1))}));
    }
    return merges;
}

}  // namespace

Result<std::string> tokenizer_json_from_vocabulary(const std::filesystem::path &folder) {
    auto vocabulary = read_json_object(folder / "vocab.json", long_list_limits);
    if (!vocabulary) return std::move(vocabulary).error();
    auto merges_text = read_regular_file(folder / "merges.txt", merges_limit);
    if (!merges_text) return std::move(merges_text).error();
    if (!*vocabulary || !*merges_text) {
        for (const char *file : {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model"}) {
            if (!std::filesystem::exists(folder / file)) continue;
            return Error{ErrorCode::Unsupported, std::string("the repository has no tokenizer.json, only ") + file +
                                                     " (SentencePiece), which is not read"};
        }
        if (std::filesystem::exists(folder / "vocab.txt")) {
            return Error{ErrorCode::Unsupported, "the repository has no tokenizer.json, only vocab.txt, which is not read"};
        }
        return Error{ErrorCode::Io, "the repository has no tokenizer.json"};
    }
    auto name = class_name(folder);
    if (!name) return std::move(name).error();
    for (const auto &known : classes) {
        if (*name != known.name) continue;
        auto merges = merges_of(**merges_text);
        if (!merges) return std::move(merges).error();
        const auto config = read_json_object(folder / "tokenizer_config.json", long_list_limits);
        if (!config) return config.error();
        const bool prefix_space = *config && (*config)->flag("add_prefix_space");
        auto file = JsonValue::object({{"version", "1.0"},
                                       {"truncation", nullptr},
                                       {"padding", nullptr},
                                       {"added_tokens", JsonValue::list()},
                                       {"normalizer", nullptr},
                                       {"pre_tokenizer", byte_level(prefix_space, !known.pattern)},
                                       {"post_processor", byte_level(true, true)},
                                       {"decoder", byte_level(true, true)}});
        if (known.normalizer) file.set("normalizer", JsonValue::object({{"type", known.normalizer}}));
        if (known.pattern) {
            const auto split = JsonValue::object({{"type", "Split"},
                                                  {"pattern", JsonValue::object({{"Regex", known.pattern}})},
                                                  {"behavior", "Isolated"},
                                                  {"invert", false}});
            file.set("pre_tokenizer",
                     JsonValue::object(
                         {{"type", "Sequence"}, {"pretokenizers", JsonValue::list({split, byte_level(prefix_space, false)})}}));
        }
        if (known.bos_eos) {
            const JsonValue *begin = (*vocabulary)->find("<s>"), *end = (*vocabulary)->find("</s>");
            if (!begin || !end || !begin->integer() || !end->integer())
                return Error{ErrorCode::InvalidFile, "vocab.json lacks <s> or </s>, or their ids are no whole numbers"};
            file.set("post_processor", JsonValue::object({{"type", "RobertaProcessing"},
                                                          {"sep", JsonValue::list({"</s>", *end})},
                                                          {"cls", JsonValue::list({"<s>", *begin})},
                                                          {"trim_offsets", true},
                                                          {"add_prefix_space", prefix_space}}));
        }
        auto model = JsonValue::object({{"type", "BPE"},
                                        {"dropout", nullptr},
                                        {"unk_token", nullptr},
                                        {"continuing_subword_prefix", nullptr},
                                        {"end_of_word_suffix", nullptr},
                                        {"fuse_unk", false},
                                        {"byte_fallback", false}});
        model.set("vocab", **std::move(vocabulary));
        model.set("merges", *std::move(merges));
        file.set("model", std::move(model));
        return file.dump();
    }
    return Error{ErrorCode::Unsupported, "the repository has no tokenizer.json, and how " +
                                             (name->empty() ? std::string("its tokenizer") : *name) +
                                             " uses vocab.json and merges.txt is not known"};
}

}  // namespace millm::engine
