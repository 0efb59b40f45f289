#include "core/engine/tokenizer/special_tokens.h"

#include "core/engine/input/json.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace millm::engine {

namespace {

/// A token as these files write it: its spelling, or an object with "content" and flags.
std::optional<ConfiguredToken> token_of(const JsonValue &value, bool special) {
    ConfiguredToken token;
    token.special = special;
    if (const std::string *text = value.text()) {
        token.content = *text;
    } else if (const std::string *content = value.text("content")) {
        token.content = *content;
        token.special = special || value.flag("special");
        token.single_word = value.flag("single_word");
        token.lstrip = value.flag("lstrip");
        token.rstrip = value.flag("rstrip");
        const JsonValue *normalized = value.given("normalized");
        token.normalized = normalized ? value.flag("normalized") : !token.special;
    } else {
        return std::nullopt;
    }
    if (token.content.empty()) return std::nullopt;
    return token;
}

std::optional<std::int64_t> id_in(const std::string &text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 0) return std::nullopt;
    return id;
}

/// Collects tokens: one entry a spelling. The first one's id and flags stay, special is what any of them says.
class Collector {
public:
    explicit Collector(std::vector<ConfiguredToken> &tokens) : m_tokens(tokens) {}

    void add(ConfiguredToken token) {
        const auto [place, fresh] = m_places.try_emplace(token.content, m_tokens.size());
        if (fresh) {
            m_tokens.push_back(std::move(token));
            return;
        }
        auto &known = m_tokens[place->second];
        known.special = known.special || token.special;
        if (known.id < 0) known.id = token.id;
    }

    bool knows(const std::string &content) const { return m_places.contains(content); }

private:
    std::vector<ConfiguredToken> &m_tokens;
    std::unordered_map<std::string, std::size_t> m_places;
};

void read_one(const std::string &key, const JsonValue &value, SpecialTokens &out, Collector &tokens) {
    auto token = token_of(value, true);
    const auto same = [&](const auto &entry) { return entry.first == key; };
    if (!token || std::any_of(out.named.begin(), out.named.end(), same)) return;
    out.named.emplace_back(key, token->content);
    tokens.add(std::move(*token));
}

void read_list(const JsonValue &list, SpecialTokens &out, Collector &tokens) {
    for (const auto &entry : list.items()) {
        auto token = token_of(entry, true);
        if (!token) continue;
        if (std::find(out.additional.begin(), out.additional.end(), token->content) == out.additional.end()) {
            out.additional.push_back(token->content);
        }
        tokens.add(std::move(*token));
    }
}

void read_named(const JsonValue &object, SpecialTokens &out, Collector &tokens) {
    // A list, or an object whose names go before those beside it.
    for (const char *key : {"extra_special_tokens", "additional_special_tokens", "model_specific_special_tokens"}) {
        const JsonValue *extra = object.given(key);
        if (!extra) continue;
        read_list(*extra, out, tokens);
        for (const auto &[name, token] : extra->members()) read_one(name, token, out, tokens);
    }
    for (const auto &[key, value] : object.members())
        if (key.ends_with("_token")) read_one(key, value, out, tokens);
}

}  // namespace

Result<SpecialTokens> read_special_tokens(const std::filesystem::path &folder) {
    SpecialTokens out;
    Collector tokens(out.tokens);
    auto config = read_json_object(folder / "tokenizer_config.json", long_list_limits);
    if (!config) return std::move(config).error();
    auto map = read_json_object(folder / "special_tokens_map.json", long_list_limits);
    if (!map) return std::move(map).error();
    auto added = read_json_object(folder / "added_tokens.json", long_list_limits);
    if (!added) return std::move(added).error();

    const JsonValue *decoder = *config ? (*config)->find("added_tokens_decoder") : nullptr;
    std::vector<ConfiguredToken> named;
    Collector by_name(named);
    // Files from before added_tokens_decoder: what special_tokens_map.json says goes before tokenizer_config.json.
    if (*map && !decoder) read_named(**map, out, by_name);
    if (*config) read_named(**config, out, by_name);
    if (*map && decoder) read_named(**map, out, by_name);

    if (decoder) {
        for (const auto &[key, value] : decoder->members()) {
            auto token = token_of(value, false);
            const auto id = id_in(key);
            if (!token || !id) continue;
            token->id = *id;
            tokens.add(std::move(*token));
        }
    }
    if (*added) {
        for (const auto &[content, id] : (*added)->members()) {
            if (!id.integer() || content.empty()) continue;
            ConfiguredToken token;
            token.content = content;
            token.id = *id.integer();
            token.normalized = !by_name.knows(content);
            tokens.add(std::move(token));
        }
    }
    for (auto &token : named) tokens.add(std::move(token));
    std::stable_sort(out.tokens.begin(), out.tokens.end(),
                     [](const auto &a, const auto &b) { return std::uint64_t(a.id) < std::uint64_t(b.id); });
    return out;
}

}  // namespace millm::engine
