#include "core/engine/tokenizer/sentencepiece_tokenizer.h"

#include "core/engine/tokenizer/base64.h"
#include "core/engine/tokenizer/made_tokenizer.h"
#include "core/engine/tokenizer/merge_pairs.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace millm::engine {

namespace {

using Piece = SentencePieceModel::Piece;
using Kind = SentencePieceModel::Kind;
using Names = std::vector<std::pair<const char *, const char *>>;

constexpr const char *blank_mark = "\u2581";

/// A vocabulary with scores, of which Unigram finds the best row of pieces.
using ScoredPieces = std::vector<std::pair<std::string, double>>;

ScoredPieces scored_pieces(const SentencePieceModel &model, std::size_t from = 0) {
    ScoredPieces out;
    for (std::size_t id = from; id < model.pieces.size(); ++id) out.emplace_back(model.pieces[id].text, model.pieces[id].score);
    return out;
}

void become_unigram(MadeTokenizer &made, const ScoredPieces &pieces, std::int64_t unknown_id, bool byte_fallback) {
    JsonValue::List vocabulary;
    vocabulary.reserve(pieces.size());
    for (const auto &[text, score] : pieces) {
        made.ids.set(text, std::int64_t(vocabulary.size()));
        vocabulary.push_back(JsonValue::list({text, score}));
    }
    made.model = JsonValue::object({{"type", "Unigram"},
                                    {"unk_id", unknown_id < 0 ? JsonValue() : JsonValue(unknown_id)},
                                    {"byte_fallback", byte_fallback}});
    made.model.set("vocab", JsonValue(std::move(vocabulary)));
}

struct BpeSettings {
    JsonValue unknown;  ///< the token's spelling, null for none
    bool byte_fallback = true;
    bool whole_tokens_first = false;
};

/// `names`: of the pieces, by id.
void become_bpe(MadeTokenizer &made, const std::vector<std::string> &names, JsonValue merges, BpeSettings settings) {
    JsonValue::Members vocabulary;
    vocabulary.reserve(names.size());
    for (const std::string &name : names) {
        const auto id = std::int64_t(vocabulary.size());
        made.ids.set(name, id);
        vocabulary.push_back({name, id});
    }
    made.model = JsonValue::object({{"type", "BPE"},
                                    {"dropout", nullptr},
                                    {"unk_token", std::move(settings.unknown)},
                                    {"continuing_subword_prefix", nullptr},
                                    {"end_of_word_suffix", nullptr},
                                    {"fuse_unk", true},
                                    {"byte_fallback", settings.byte_fallback},
                                    {"ignore_merges", settings.whole_tokens_first}});
    made.model.set("vocab", JsonValue::object_of(std::move(vocabulary)));
    made.model.set("merges", std::move(merges));
}

std::vector<std::string> names_of(const SentencePieceModel &model) {
    std::vector<std::string> names;
    names.reserve(model.pieces.size());
    for (const Piece &piece : model.pieces) names.push_back(piece.text);
    return names;
}

/// Merges in the order of the pieces' ids: Llama's and Gemma's pieces are sorted by their scores.
Result<JsonValue> merges_by_id(const std::vector<std::string> &names) {
    MergePairs pairs;
    for (std::size_t id = 0; id < names.size(); ++id) pairs.add(names[id], std::int64_t(id));
    JsonValue::List merges;
    for (const std::string &name : names) {
        auto found = pairs.of(name);
        if (!found) return std::move(found).error();
        for (const auto &pair : *found) merges.push_back(JsonValue::list({std::string(pair.left), std::string(pair.right)}));
    }
    return JsonValue(std::move(merges));
}

/// Merges of normal pieces in the order of their scores, as SentencePiece merges them.
Result<JsonValue> merges_by_score(const SentencePieceModel &model, const std::vector<std::string> &names) {
    MergePairs pairs;
    std::vector<std::size_t> normal;
    for (std::size_t id = 0; id < names.size(); ++id) {
        if (model.pieces[id].kind != Kind::Normal) continue;
        pairs.add(names[id], std::int64_t(id));
        normal.push_back(id);
    }
    std::stable_sort(normal.begin(), normal.end(),
                     [&](std::size_t a, std::size_t b) { return model.pieces[a].score > model.pieces[b].score; });
    JsonValue::List merges;
    for (const std::size_t id : normal) {
        auto found = pairs.of(names[id]);
        if (!found) return std::move(found).error();
        for (const auto &pair : *found) merges.push_back(JsonValue::list({std::string(pair.left), std::string(pair.right)}));
    }
    return JsonValue(std::move(merges));
}

/// Control and user-defined pieces are found before all else.
void add_whole_pieces(MadeTokenizer &made, const SentencePieceModel &model) {
    std::vector<ConfiguredToken> tokens;
    for (const Piece &piece : model.pieces) {
        if (piece.kind != Kind::Control && piece.kind != Kind::UserDefined) continue;
        ConfiguredToken token;
        token.content = piece.text;
        token.special = piece.kind == Kind::Control;
        tokens.push_back(std::move(token));
    }
    made.add(tokens);
}

JsonValue character_map(const SentencePieceModel &model) {
    return JsonValue::object({{"type", "Precompiled"}, {"precompiled_charsmap", base64_of(model.character_map)}});
}

JsonValue::List character_map_if_any(const SentencePieceModel &model) {
    JsonValue::List parts;
    if (!model.character_map.empty()) parts.push_back(character_map(model));
    return parts;
}

JsonValue strip_one_blank() {
    return JsonValue::object({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
}

/// A text's tokens put together again: marks become blanks, byte tokens bytes, and the blank that was put in front goes.
JsonValue piece_decoder(bool byte_fallback, bool strip) {
    JsonValue::List parts{json_part::replace_text(blank_mark, " ")};
    if (byte_fallback) parts.push_back(json_part::of_type("ByteFallback"));
    if (byte_fallback || strip) parts.push_back(json_part::of_type("Fuse"));
    if (strip) parts.push_back(strip_one_blank());
    return json_part::decoders(std::move(parts));
}

constexpr const char *escaped_in_patterns = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";

/// An expression that matches one of the texts, the longest first.
std::string one_of(std::vector<std::string> texts) {
    std::stable_sort(texts.begin(), texts.end(), [](const auto &a, const auto &b) { return a.size() > b.size(); });
    std::string pattern;
    for (const std::string &text : texts) {
        if (!pattern.empty()) pattern += '|';
        for (const char c : text) {
            if (c != '\0' && std::string_view(escaped_in_patterns).find(c) != std::string_view::npos) pattern += '\\';
            pattern += c;
        }
    }
    return pattern;
}

/// The pieces' names, where the configuration gives some ids other ones.
std::vector<std::string> renamed(const SentencePieceModel &model, const TokenizerSetup &setup) {
    std::vector<std::string> names = names_of(model);
    std::unordered_map<std::string, std::int64_t> holders;
    for (std::size_t id = 0; id < names.size(); ++id) holders[names[id]] = std::int64_t(id);
    std::unordered_map<std::int64_t, const std::string *> wanted;
    for (const ConfiguredToken &token : setup.special.tokens)
        if (token.id >= 0 && std::uint64_t(token.id) < names.size()) wanted[token.id] = &token.content;
    for (const auto &[id, name] : wanted) {
        // A name that another piece keeps stays there.
        const auto holder = holders.find(*name);
        if (holder == holders.end() || wanted.contains(holder->second)) names[std::size_t(id)] = *name;
    }
    return names;
}

/// By the file's own settings.
Result<void> as_the_file_says(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const std::vector<std::string> names = renamed(model, setup);
    std::vector<std::string> whole;
    for (std::size_t id = 0; id < names.size(); ++id)
        if (model.pieces[id].kind == Kind::UserDefined && !names[id].empty()) whole.push_back(names[id]);
    if (model.algorithm == SentencePieceModel::Algorithm::Unigram) {
        ScoredPieces pieces = scored_pieces(model);
        become_unigram(made, pieces, model.unknown_id, model.byte_fallback);
    } else {
        auto merges = merges_by_score(model, names);
        if (!merges) return std::move(merges).error();
        become_bpe(made, names, std::move(*merges), {model.unknown_piece, model.byte_fallback, !whole.empty()});
    }

    JsonValue::List normalizers = character_map_if_any(model);
    if (model.remove_extra_blanks) {
        normalizers.push_back(json_part::replace_regex(R"(\A +| +\z)", ""));
        normalizers.push_back(json_part::replace_regex(" {2,}", " "));
    }
    if (model.escape_blanks) normalizers.push_back(json_part::replace_text(" ", blank_mark));
    const JsonValue *given = setup.config.find("legacy");
    const bool legacy = !given || given->boolean().value_or(false);
    // A text that begins with the mark gets another one, as SentencePiece has it.
    if (model.dummy_prefix && legacy) normalizers.push_back(json_part::replace_regex("\\A\u2581", "\u2581\u2581"));
    made.normalizer = json_part::normalizers(std::move(normalizers));

    JsonValue::List splitters;
    if (model.dummy_prefix) splitters.push_back(json_part::metaspace(legacy ? "always" : "first", false));
    if (!whole.empty()) splitters.push_back(json_part::split_regex(one_of(std::move(whole))));
    made.pre_tokenizer = json_part::pre_tokenizers(std::move(splitters));
    made.decoder = piece_decoder(model.byte_fallback, model.dummy_prefix);

    auto configured = setup;
    // Found in the text as it is, so that what stands between them gets a mark of its own.
    if (model.dummy_prefix)
        for (auto &token : configured.special.tokens) token.normalized = token.normalized && token.id < 0;
    const char *begin = model.begin_id >= 0 ? model.begin_piece.c_str() : nullptr;
    const char *end = model.end_id >= 0 ? model.end_piece.c_str() : nullptr;
    made.add_configured(configured, {{"bos_token", begin},
                                     {"eos_token", end},
                                     {"unk_token", model.unknown_id >= 0 ? model.unknown_piece.c_str() : nullptr}});
    std::vector<ConfiguredToken> controls;
    for (std::size_t id = 0; id < names.size(); ++id) {
        if (model.pieces[id].kind != Kind::Control) continue;
        ConfiguredToken token;
        token.content = names[id];
        token.special = true;
        controls.push_back(std::move(token));
    }
    made.add(controls);
    return made.surround_as_configured(setup, begin, end);
}

Result<void> as_llama(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const bool code = setup.class_name == "CodeLlamaTokenizer";
    const auto names = names_of(model);
    auto merges = merges_by_id(names);
    if (!merges) return std::move(merges).error();
    become_bpe(made, names, std::move(*merges), {code ? JsonValue("<unk>") : JsonValue(), true, false});
    const bool prefix = setup.flag("add_prefix_space", true), legacy = !code && setup.flag("legacy", false);
    made.pre_tokenizer = json_part::metaspace(!prefix ? "never" : legacy ? "always" : "first", false);
    made.decoder = piece_decoder(true, prefix || code);
    Names own{{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}};
    if (code)
        own.insert(own.end(), {{"prefix_token", "\u2581<PRE>"},
                               {"middle_token", "\u2581<MID>"},
                               {"suffix_token", "\u2581<SUF>"},
                               {"eot_token", "\u2581<EOT>"},
                               {"fill_token", "<FILL_ME>"}});
    made.add_configured(setup, own);
    add_whole_pieces(made, model);
    return made.surround_as_configured(setup, "<s>", "</s>", code);
}

Result<void> as_gemma(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const auto names = names_of(model);
    auto merges = merges_by_id(names);
    if (!merges) return std::move(merges).error();
    become_bpe(made, names, std::move(*merges), {setup.named("unk_token", "<unk>").value_or("<unk>"), true, false});
    made.normalizer = json_part::replace_text(" ", blank_mark);
    made.decoder = piece_decoder(true, false);
    made.add_configured(setup, {{"bos_token", "<bos>"},
                                {"eos_token", "<eos>"},
                                {"unk_token", "<unk>"},
                                {"pad_token", "<pad>"},
                                {"mask_token", "<mask>"}});
    add_whole_pieces(made, model);
    return made.surround_as_configured(setup, "<bos>", "<eos>");
}

/// Words stand apart and each begins with the mark.
void split_into_words(MadeTokenizer &made, bool prefix) {
    const char *scheme = prefix ? "always" : "never";
    made.pre_tokenizer = json_part::pre_tokenizers({json_part::of_type("WhitespaceSplit"), json_part::metaspace(scheme, true)});
    made.decoder = json_part::metaspace(scheme, true);
}

Result<void> as_t5(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    constexpr std::int64_t usual_extra = 100, most_extra = 10'000;
    const JsonValue *given = setup.config.given("extra_ids");
    const std::int64_t extra =
        given ? std::clamp<std::int64_t>(given->integer().value_or(usual_extra), 0, most_extra) : usual_extra;
    ScoredPieces pieces = scored_pieces(model);
    std::vector<ConfiguredToken> sentinels;
    for (std::int64_t i = extra; i-- > 0;) {
        pieces.emplace_back("<extra_id_" + std::to_string(i) + ">", 0.0);
        ConfiguredToken token;
        token.content = pieces.back().first;
        token.special = true;
        sentinels.push_back(std::move(token));
    }
    become_unigram(made, pieces, model.unknown_id, false);
    made.normalizer = json_part::normalizers(character_map_if_any(model));
    split_into_words(made, true);
    made.add_configured(setup, {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}});
    add_whole_pieces(made, model);
    made.add(sentinels);
    return made.surround({}, {setup.named("eos_token", "</s>").value_or("</s>")});
}

const Names fairseq_names{{"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
                          {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};

/// fairseq put four tokens of its own before the file's pieces, whose first three it left out.
ScoredPieces fairseq_pieces(const SentencePieceModel &model, const TokenizerSetup &setup) {
    ScoredPieces pieces;
    for (const char *name : {"bos_token", "pad_token", "eos_token", "unk_token"}) {
        const auto usual = std::find_if(fairseq_names.begin(), fairseq_names.end(),
                                        [&](const auto &entry) { return std::string_view(entry.first) == name; });
        pieces.emplace_back(setup.named(name, usual->second).value_or(usual->second), 0.0);
    }
    for (auto &piece : scored_pieces(model, 3)) pieces.push_back(std::move(piece));
    return pieces;
}

Result<void> as_xlm_roberta(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    ScoredPieces pieces = fairseq_pieces(model, setup);
    pieces.emplace_back(setup.named("mask_token", "<mask>").value_or("<mask>"), 0.0);
    become_unigram(made, pieces, 3, false);
    made.normalizer = json_part::normalizers(character_map_if_any(model));
    split_into_words(made, setup.flag("add_prefix_space", true));
    made.add_configured(setup, fairseq_names);
    add_whole_pieces(made, model);
    return made.surround({pieces[0].first}, {pieces[2].first});
}

Result<void> as_xglm(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    ScoredPieces pieces = fairseq_pieces(model, setup);
    std::vector<ConfiguredToken> fillers;
    for (int i = 0; i < 7; ++i) {
        pieces.emplace_back("<madeupword" + std::to_string(i) + ">", 0.0);
        ConfiguredToken token;
        token.content = pieces.back().first;
        token.special = true;
        fillers.push_back(std::move(token));
    }
    become_unigram(made, pieces, 3, false);
    JsonValue::List normalizers = character_map_if_any(model);
    normalizers.push_back(json_part::replace_regex(" {2,}", " "));
    made.normalizer = json_part::normalizers(std::move(normalizers));
    const char *scheme = setup.flag("add_prefix_space", true) ? "always" : "never";
    made.pre_tokenizer = json_part::metaspace(scheme, true);
    made.decoder = json_part::metaspace(scheme, true);
    Names own = fairseq_names;
    own.pop_back();  // no mask
    made.add_configured(setup, own);
    add_whole_pieces(made, model);
    made.add(fillers);
    return made.surround({pieces[2].first}, {});
}

Result<void> as_camembert(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const auto name = [&](const char *key, const char *usual) { return setup.named(key, usual).value_or(usual); };
    ScoredPieces pieces{{"<s>NOTUSED", 0.0},
                        {name("pad_token", "<pad>"), 0.0},
                        {"</s>NOTUSED", 0.0},
                        {name("unk_token", "<unk>"), 0.0},
                        {"<unk>NOTUSED", -100.0}};
    for (auto &piece : scored_pieces(model, 1)) pieces.push_back(std::move(piece));
    pieces.emplace_back(name("mask_token", "<mask>"), 0.0);
    become_unigram(made, pieces, 3, false);
    made.normalizer = json_part::normalizers(character_map_if_any(model));
    split_into_words(made, setup.flag("add_prefix_space", true));
    ConfiguredToken mask;
    mask.content = pieces.back().first;
    mask.special = mask.lstrip = true;
    made.add(setup.special.tokens);
    made.add({mask});
    made.add_configured(setup, fairseq_names);
    add_whole_pieces(made, model);
    return made.surround({name("bos_token", "<s>")}, {name("eos_token", "</s>")});
}

Result<void> as_albert(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    become_unigram(made, scored_pieces(model), model.unknown_id, false);
    JsonValue::List normalizers{json_part::replace_text("``", "\""), json_part::replace_text("''", "\"")};
    if (!setup.flag("keep_accents", false)) {
        normalizers.push_back(json_part::of_type("NFKD"));
        normalizers.push_back(json_part::of_type("StripAccents"));
    }
    if (setup.flag("do_lower_case", true)) normalizers.push_back(json_part::of_type("Lowercase"));
    for (auto &part : character_map_if_any(model)) normalizers.push_back(std::move(part));
    made.normalizer = json_part::normalizers(std::move(normalizers));
    split_into_words(made, setup.flag("add_prefix_space", true));
    made.add_configured(setup, {{"bos_token", "[CLS]"},
                                {"eos_token", "[SEP]"},
                                {"unk_token", "<unk>"},
                                {"sep_token", "[SEP]"},
                                {"pad_token", "<pad>"},
                                {"cls_token", "[CLS]"},
                                {"mask_token", "[MASK]"}});
    add_whole_pieces(made, model);
    return made.surround({setup.named("cls_token", "[CLS]").value_or("[CLS]")},
                         {setup.named("sep_token", "[SEP]").value_or("[SEP]")});
}

/// How a class uses a file; with the algorithm that it is made for. Append a row.
struct SentencePieceClass {
    std::string_view name;
    SentencePieceModel::Algorithm algorithm;
    Result<void> (*make)(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made);
};
constexpr std::array sentencepiece_classes{
    SentencePieceClass{"LlamaTokenizer", SentencePieceModel::Algorithm::Bpe, as_llama},
    SentencePieceClass{"CodeLlamaTokenizer", SentencePieceModel::Algorithm::Bpe, as_llama},
    SentencePieceClass{"GemmaTokenizer", SentencePieceModel::Algorithm::Bpe, as_gemma},
    SentencePieceClass{"T5Tokenizer", SentencePieceModel::Algorithm::Unigram, as_t5},
    SentencePieceClass{"XLMRobertaTokenizer", SentencePieceModel::Algorithm::Unigram, as_xlm_roberta},
    SentencePieceClass{"XGLMTokenizer", SentencePieceModel::Algorithm::Unigram, as_xglm},
    SentencePieceClass{"CamembertTokenizer", SentencePieceModel::Algorithm::Unigram, as_camembert},
    SentencePieceClass{"AlbertTokenizer", SentencePieceModel::Algorithm::Unigram, as_albert},
};

}  // namespace

Result<std::string> sentencepiece_tokenizer(const SentencePieceModel &model, const TokenizerSetup &setup) {
    if (model.algorithm == SentencePieceModel::Algorithm::Word)
        return Error{ErrorCode::Unsupported, "the SentencePiece model's pieces are whole words, which is not supported"};
    const auto row = std::find_if(
        sentencepiece_classes.begin(), sentencepiece_classes.end(),
        [&](const SentencePieceClass &known) { return known.name == setup.class_name && known.algorithm == model.algorithm; });
    MadeTokenizer made;
    const bool own = row == sentencepiece_classes.end() || setup.class_misnamed;
    if (auto done = own ? as_the_file_says(model, setup, made) : row->make(model, setup, made); !done)
        return std::move(done).error();
    return made.text();
}

}  // namespace millm::engine
