#include "core/engine/tokenizer/sentencepiece_parts.h"

#include "core/engine/tokenizer/base64.h"
#include "core/engine/tokenizer/merge_pairs.h"

#include <algorithm>

namespace millm::engine::sentencepiece {

ScoredPieces scored_pieces(const SentencePieceModel &model, std::size_t from) {
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
    for (const auto &piece : model.pieces) names.push_back(piece.text);
    return names;
}

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

Result<JsonValue> merges_by_score(const SentencePieceModel &model, const std::vector<std::string> &names) {
    MergePairs pairs;
    std::vector<std::size_t> normal;
    for (std::size_t id = 0; id < names.size(); ++id) {
        if (model.pieces[id].kind != SentencePieceModel::Kind::Normal) continue;
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

void add_whole_pieces(MadeTokenizer &made, const SentencePieceModel &model) {
    std::vector<ConfiguredToken> tokens;
    for (const auto &piece : model.pieces) {
        if (piece.kind != SentencePieceModel::Kind::Control && piece.kind != SentencePieceModel::Kind::UserDefined) continue;
        ConfiguredToken token;
        token.content = piece.text;
        token.special = piece.kind == SentencePieceModel::Kind::Control;
        tokens.push_back(std::move(token));
    }
    made.add(tokens);
}

JsonValue::List character_map_if_any(const SentencePieceModel &model) {
    JsonValue::List parts;
    if (!model.character_map.empty())
        parts.push_back(JsonValue::object({{"type", "Precompiled"}, {"precompiled_charsmap", base64_of(model.character_map)}}));
    return parts;
}

JsonValue piece_decoder(bool byte_fallback, bool strip) {
    JsonValue::List parts{json_part::replace_text(blank_mark, " ")};
    if (byte_fallback) parts.push_back(json_part::of_type("ByteFallback"));
    if (byte_fallback || strip) parts.push_back(json_part::of_type("Fuse"));
    if (strip) parts.push_back(JsonValue::object({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}));
    return json_part::decoders(std::move(parts));
}

}  // namespace millm::engine::sentencepiece
