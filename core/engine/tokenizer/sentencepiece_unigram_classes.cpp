#include "core/engine/tokenizer/sentencepiece_parts.h"

#include <algorithm>
#include <string_view>

namespace millm::engine::sentencepiece {

namespace {

using Names = std::vector<std::pair<const char *, const char *>>;

/// Words stand apart and each begins with the mark.
void split_into_words(MadeTokenizer &made, bool prefix) {
    const char *scheme = prefix ? "always" : "never";
    made.pre_tokenizer = json_part::pre_tokenizers({json_part::of_type("WhitespaceSplit"), json_part::metaspace(scheme, true)});
    made.decoder = json_part::metaspace(scheme, true);
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

}  // namespace

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

}  // namespace millm::engine::sentencepiece
