#include "core/engine/tokenizer/byte_level_tokenizer.h"

#include "core/engine/input/json.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/input/utf8.h"
#include "core/engine/tokenizer/byte_level_classes.h"
#include "core/engine/tokenizer/made_tokenizer.h"

namespace millm::engine {

namespace {

constexpr std::uint64_t merges_limit = 256u << 20;

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
        if (line.empty() || line.starts_with("#version")) continue;
        const auto space = line.find(' ');
        if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
            return Error{ErrorCode::InvalidFile,
                         "merges.txt, line " + std::to_string(line_number) + " does not hold two tokens"};
        }
        merges.push_back(JsonValue::list({std::string(line.substr(0, space)), std::string(line.substr(space + 1))}));
    }
    return merges;
}

Result<void> add_vocabulary(const JsonValue &vocabulary, TokenIds &ids) {
    for (const auto &[token, id] : vocabulary.members()) {
        if (!id.integer() || *id.integer() < 0 || *id.integer() > std::numeric_limits<std::int32_t>::max())
            return Error{ErrorCode::InvalidFile, "vocab.json: the id of \"" + token + "\" is " + id.shown()};
        ids.set(token, *id.integer());
    }
    return {};
}

}  // namespace

Result<std::string> byte_level_tokenizer(const std::filesystem::path &folder, const TokenizerSetup &setup) {
    const ByteLevelClass *known = byte_level_class(setup.class_name);
    if (!known)
        return Error{ErrorCode::Unsupported, "the repository has no tokenizer.json, and how " +
                                                 (setup.class_name.empty() ? std::string("its tokenizer") : setup.class_name) +
                                                 " uses vocab.json and merges.txt is not known"};
    auto vocabulary = read_json_object(folder / "vocab.json", long_list_limits);
    if (!vocabulary) return std::move(vocabulary).error();
    auto merges_text = read_regular_file(folder / "merges.txt", merges_limit);
    if (!merges_text) return std::move(merges_text).error();
    if (!*vocabulary || !*merges_text)
        return Error{ErrorCode::Io, "the repository has no tokenizer.json, and no vocab.json with merges.txt"};
    auto merges = merges_of(**merges_text);
    if (!merges) return std::move(merges).error();

    MadeTokenizer made;
    if (auto done = add_vocabulary(**vocabulary, made.ids); !done) return std::move(done).error();
    made.model = JsonValue::object({{"type", "BPE"},
                                    {"dropout", nullptr},
                                    {"unk_token", nullptr},
                                    {"continuing_subword_prefix", nullptr},
                                    {"end_of_word_suffix", nullptr},
                                    {"fuse_unk", false},
                                    {"byte_fallback", false}});
    made.model.set("vocab", std::move(**vocabulary));
    made.model.set("merges", std::move(*merges));
    const bool prefix_space = setup.flag("add_prefix_space", false);
    if (known->normalizer) made.normalizer = json_part::of_type(known->normalizer);
    made.pre_tokenizer = json_part::byte_level(prefix_space, !known->pattern);
    if (known->pattern)
        made.pre_tokenizer = json_part::pre_tokenizers({json_part::split_regex(known->pattern), std::move(made.pre_tokenizer)});
    made.decoder = json_part::byte_level(true, true);
    made.add_configured(
        setup, {{"bos_token", known->bos}, {"eos_token", known->eos}, {"unk_token", known->unk}, {"pad_token", known->pad}});
    Result<void> surrounded;
    if (known->cls_sep) {
        made.add_configured(setup, {{"sep_token", known->eos}, {"cls_token", known->bos}, {"mask_token", "<mask>"}});
        surrounded = made.surround({setup.named("cls_token", known->bos).value_or(known->bos)},
                                   {setup.named("sep_token", known->eos).value_or(known->eos)});
    } else {
        surrounded = made.surround_as_configured(setup, known->bos, known->eos);
    }
    if (!surrounded) return std::move(surrounded).error();
    return made.text();
}

}  // namespace millm::engine
