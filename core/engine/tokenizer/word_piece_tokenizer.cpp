#include "core/engine/tokenizer/word_piece_tokenizer.h"

#include "core/engine/input/utf8.h"
#include "core/engine/tokenizer/made_tokenizer.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <array>

namespace millm::engine {

namespace {

/// A class that uses WordPiece, and its tokens. Append a row.
struct WordPieceClass {
    std::string_view name;
    const char *unk, *cls, *sep, *pad, *mask;
};
constexpr std::array word_piece_classes{
    WordPieceClass{"BertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"},
    WordPieceClass{"DistilBertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"},
    WordPieceClass{"ElectraTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"},
    WordPieceClass{"MobileBertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"},
    WordPieceClass{"MPNetTokenizer", "[UNK]", "<s>", "</s>", "<pad>", "<mask>"},
};

/// A line without the blanks at its end, of any script.
std::string_view without_blank_end(std::string_view line) {
    const auto characters = jinja::characters_of(line);
    std::size_t kept = characters.size();
    // Python's blanks include U+001C to U+001F, which Unicode does not call white.
    while (kept > 0 && jinja::is_space(characters[kept - 1]) && (characters[kept - 1] < 0x1C || characters[kept - 1] > 0x1F))
        --kept;
    return line.substr(0, jinja::byte_of_character(line, kept));
}

}  // namespace

Result<std::string> word_piece_tokenizer(std::string_view file, const TokenizerSetup &setup) {
    const std::string_view name = setup.class_name.empty() ? "BertTokenizer" : std::string_view(setup.class_name);
    const auto known = std::find_if(word_piece_classes.begin(), word_piece_classes.end(),
                                    [&](const WordPieceClass &row) { return row.name == name; });
    if (known == word_piece_classes.end())
        return Error{ErrorCode::Unsupported,
                     "the repository has no tokenizer.json, and how " + setup.class_name + " uses vocab.txt is not known"};
    if (const std::size_t valid = valid_utf8_bytes(file); valid < file.size())
        return Error{ErrorCode::InvalidFile, "vocab.txt: byte " + std::to_string(valid) + " is not UTF-8"};

    MadeTokenizer made;
    JsonValue::Members vocabulary;
    std::int64_t id = 0;
    for (std::size_t begin = 0; begin < file.size(); ++id) {
        const std::size_t end = std::min(file.find('\n', begin), file.size());
        std::string token(without_blank_end(file.substr(begin, end - begin)));
        begin = end + 1;
        made.ids.set(token, id);
        vocabulary.push_back({std::move(token), id});
    }
    const std::string unk = setup.named("unk_token", known->unk).value_or(known->unk);
    made.model = JsonValue::object({{"type", "WordPiece"},
                                    {"unk_token", unk},
                                    {"continuing_subword_prefix", "##"},
                                    {"max_input_chars_per_word", 100},
                                    {"vocab", JsonValue::object_of(std::move(vocabulary))}});
    const JsonValue *accents = setup.config.given("strip_accents");
    made.normalizer = JsonValue::object({{"type", "BertNormalizer"},
                                         {"clean_text", true},
                                         {"handle_chinese_chars", setup.flag("tokenize_chinese_chars", true)},
                                         {"strip_accents", accents ? *accents : JsonValue()},
                                         {"lowercase", setup.flag("do_lower_case", true)}});
    made.pre_tokenizer = json_part::of_type("BertPreTokenizer");
    made.decoder = JsonValue::object({{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}});
    made.add_configured(setup, {{"unk_token", known->unk},
                                {"sep_token", known->sep},
                                {"pad_token", known->pad},
                                {"cls_token", known->cls},
                                {"mask_token", known->mask}});
    const auto surrounded = made.surround({setup.named("cls_token", known->cls).value_or(known->cls)},
                                          {setup.named("sep_token", known->sep).value_or(known->sep)});
    if (!surrounded) return surrounded.error();
    return made.text();
}

}  // namespace millm::engine
