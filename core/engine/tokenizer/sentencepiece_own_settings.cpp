#include "core/engine/tokenizer/sentencepiece_parts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace millm::engine::sentencepiece {

namespace {

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

}  // namespace

Result<void> as_the_file_says(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const std::vector<std::string> names = renamed(model, setup);
    std::vector<std::string> whole;
    for (std::size_t id = 0; id < names.size(); ++id)
        if (model.pieces[id].kind == SentencePieceModel::Kind::UserDefined && !names[id].empty()) whole.push_back(names[id]);
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
        if (model.pieces[id].kind != SentencePieceModel::Kind::Control) continue;
        ConfiguredToken token;
        token.content = names[id];
        token.special = true;
        controls.push_back(std::move(token));
    }
    made.add(controls);
    return made.surround_as_configured(setup, begin, end);
}

}  // namespace millm::engine::sentencepiece
