#include "core/engine/tokenizer/made_tokenizer.h"

#include <unordered_set>

namespace millm::engine {

namespace {

JsonValue sequence_of(const char *member, JsonValue::List parts) {
    if (parts.empty()) return {};
    return JsonValue::object({{"type", "Sequence"}, {member, JsonValue(std::move(parts))}});
}

JsonValue added_token(const ConfiguredToken &token) {
    return JsonValue::object({{"id", token.id},
                              {"content", token.content},
                              {"single_word", token.single_word},
                              {"lstrip", token.lstrip},
                              {"rstrip", token.rstrip},
                              {"normalized", token.normalized},
                              {"special", token.special}});
}

}  // namespace

std::int64_t TokenIds::of(const std::string &token) const {
    const auto found = m_ids.find(token);
    return found == m_ids.end() ? -1 : found->second;
}

void MadeTokenizer::add(const std::vector<ConfiguredToken> &tokens, Unnumbered unnumbered) {
    added.reserve(added.size() + tokens.size());  // what is known points into it
    std::unordered_set<std::string_view> known;
    for (const ConfiguredToken &token : added) known.insert(token.content);
    for (const ConfiguredToken &wanted : tokens) {
        if (wanted.content.empty() || known.contains(wanted.content)) continue;
        ConfiguredToken token = wanted;
        token.id = ids.of(token.content);
        if (token.id < 0) {
            const bool next = wanted.id < 0 ? unnumbered == Unnumbered::Append : wanted.id == ids.count();
            if (!next) continue;
            token.id = ids.count();
            ids.set(token.content, token.id);
        }
        added.push_back(std::move(token));
        known.insert(added.back().content);
    }
}

void MadeTokenizer::add_configured(const TokenizerSetup &setup, const std::vector<std::pair<const char *, const char *>> &usual,
                                   Unnumbered unnumbered) {
    add(setup.special.tokens, unnumbered);
    std::vector<ConfiguredToken> own;
    for (const auto &[name, content] : usual) {
        const auto named = setup.named(name, content);
        if (!named) continue;
        ConfiguredToken token;
        token.content = *named;
        token.special = true;
        own.push_back(std::move(token));
    }
    add(own, unnumbered);
}

Result<void> MadeTokenizer::surround(const std::vector<std::string> &before, const std::vector<std::string> &after) {
    if (before.empty() && after.empty()) return {};
    JsonValue single = JsonValue::list(), tokens;
    const auto put = [&](const std::string &content) -> Result<void> {
        const std::int64_t id = ids.of(content);
        if (id < 0)
            return Error{ErrorCode::InvalidFile, "the vocabulary lacks \"" + content + "\", which is put around a text"};
        single.push_back(JsonValue::object({{"SpecialToken", JsonValue::object({{"id", content}, {"type_id", 0}})}}));
        tokens.set(content, JsonValue::object(
                                {{"id", content}, {"ids", JsonValue::list({id})}, {"tokens", JsonValue::list({content})}}));
        return {};
    };
    const auto text = [](const char *which) {
        return JsonValue::object({{"Sequence", JsonValue::object({{"id", which}, {"type_id", 0}})}});
    };
    for (const std::string &content : before)
        if (auto done = put(content); !done) return done;
    single.push_back(text("A"));
    for (const std::string &content : after)
        if (auto done = put(content); !done) return done;
    post_processor = JsonValue::object({{"type", "TemplateProcessing"},
                                        {"single", std::move(single)},
                                        {"pair", JsonValue::list({text("A"), text("B")})},
                                        {"special_tokens", std::move(tokens)}});
    return {};
}

Result<void> MadeTokenizer::surround_as_configured(const TokenizerSetup &setup, const char *usual_bos, const char *usual_eos,
                                                   bool usually_bos) {
    std::vector<std::string> before, after;
    const auto begin = setup.named("bos_token", usual_bos), end = setup.named("eos_token", usual_eos);
    if (begin && setup.flag("add_bos_token", usually_bos)) before.push_back(*begin);
    if (end && setup.flag("add_eos_token", false)) after.push_back(*end);
    return surround(before, after);
}

std::string MadeTokenizer::text() const {
    JsonValue tokens = JsonValue::list();
    for (const ConfiguredToken &token : added) tokens.push_back(added_token(token));
    // Written part by part: a model has a million values, which need not be copied.
    std::string all = R"({"version": "1.0", "truncation": null, "padding": null)";
    for (const auto &[name, value] : {std::pair<const char *, const JsonValue *>{"added_tokens", &tokens},
                                      {"normalizer", &normalizer},
                                      {"pre_tokenizer", &pre_tokenizer},
                                      {"post_processor", &post_processor},
                                      {"decoder", &decoder},
                                      {"model", &model}})
        all.append(", \"").append(name).append("\": ").append(value->dump());
    return all + "}";
}

namespace json_part {

JsonValue byte_level(bool add_prefix_space, bool use_regex) {
    return JsonValue::object(
        {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", use_regex}});
}

JsonValue metaspace(const char *prepend_scheme, bool split) {
    return JsonValue::object(
        {{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", prepend_scheme}, {"split", split}});
}

JsonValue split_regex(std::string pattern) {
    return JsonValue::object({{"type", "Split"},
                              {"pattern", JsonValue::object({{"Regex", std::move(pattern)}})},
                              {"behavior", "Isolated"},
                              {"invert", false}});
}

JsonValue replace_text(const char *text, const char *by) {
    return JsonValue::object({{"type", "Replace"}, {"pattern", JsonValue::object({{"String", text}})}, {"content", by}});
}

JsonValue replace_regex(const char *pattern, const char *by) {
    return JsonValue::object({{"type", "Replace"}, {"pattern", JsonValue::object({{"Regex", pattern}})}, {"content", by}});
}

JsonValue normalizers(JsonValue::List parts) {
    return sequence_of("normalizers", std::move(parts));
}
JsonValue pre_tokenizers(JsonValue::List parts) {
    return sequence_of("pretokenizers", std::move(parts));
}
JsonValue decoders(JsonValue::List parts) {
    return sequence_of("decoders", std::move(parts));
}

JsonValue of_type(const char *type) {
    return JsonValue::object({{"type", type}});
}

}  // namespace json_part

}  // namespace millm::engine
