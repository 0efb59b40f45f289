#include "core/engine/tokenizer/template/chat_template.h"

#include "core/engine/input/json.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/input/utf8.h"
#include "core/engine/tokenizer/special_tokens.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/json_text.h"
#include "core/engine/tokenizer/text_files.h"

#include <algorithm>
#include <system_error>

namespace millm::engine {

namespace {

constexpr std::uint64_t template_limit = 16u << 20;

Result<TemplateTexts> sources_in(const std::filesystem::path &folder) {
    TemplateTexts out;
    auto text = read_regular_file(folder / "chat_template.jinja", template_limit);
    if (!text) return std::move(text).error();
    if (*text) out["default"] = std::move(**text);
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(folder / "additional_chat_templates", error)) {
        if (entry.path().extension() != ".jinja") continue;
        auto named = read_regular_file(entry.path(), template_limit);
        if (!named) return std::move(named).error();
        if (*named) out[entry.path().stem().string()] = std::move(**named);
    }
    for (const char *file : {"tokenizer_config.json", "chat_template.json"}) {
        if (!out.empty()) break;
        auto object = read_json_object(folder / file, long_list_limits);
        if (!object) return std::move(object).error();
        if (!*object) continue;
        auto texts = chat_templates_of(**object, file);
        if (!texts) return std::move(texts).error();
        out = std::move(*texts);
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<ChatTemplate>> HubChatTemplate::open(const std::filesystem::path &folder, jinja::Clock clock) {
    auto sources = sources_in(folder);
    if (!sources) return std::move(sources).error();
    if (sources->empty()) return Error{ErrorCode::Unsupported, "the repository has no chat template"};
    auto special = read_special_tokens(folder);
    if (!special) return std::move(special).error();

    std::unique_ptr<HubChatTemplate> out(new HubChatTemplate);
    out->m_clock = std::move(clock);
    for (const auto &[name, source] : *sources) {
        if (const std::size_t valid = valid_utf8_bytes(source); valid < source.size())
            return Error{ErrorCode::InvalidFile,
                         "the chat template \"" + name + "\" is not UTF-8 at byte " + std::to_string(valid)};
        auto parsed = jinja::Template::parse(source);
        if (!parsed) return std::move(parsed).error();
        out->m_templates.push_back({name, std::move(*parsed), {}});
    }
    for (const auto &[name, token] : special->named)
        out->m_special_tokens.set(jinja::Value::text(name), jinja::Value::text(token));
    if (!special->additional.empty()) {
        std::vector<jinja::Value> tokens;
        for (const auto &token : special->additional) tokens.push_back(jinja::Value::text(token));
        out->m_special_tokens.set(jinja::Value::text("additional_special_tokens"), jinja::Value::list(std::move(tokens)));
    }
    for (auto &named : out->m_templates) named.rules = ContentRules(named.chat, out->own_variables(), out->m_clock);
    return std::unique_ptr<ChatTemplate>(std::move(out));
}

/// The tokenizer's, and the two that transformers always passes.
jinja::Dict HubChatTemplate::own_variables() const {
    auto variables = m_special_tokens;
    for (const char *name : {"tools", "documents"}) variables.set(jinja::Value::text(name), jinja::Value());
    return variables;
}

Result<const HubChatTemplate::Named *> HubChatTemplate::choose(bool with_tools) const {
    const auto named = [&](std::string_view name) {
        const auto found =
            std::find_if(m_templates.begin(), m_templates.end(), [&](const Named &entry) { return entry.name == name; });
        return found == m_templates.end() ? nullptr : &*found;
    };
    if (const auto *tool_use = with_tools ? named("tool_use") : nullptr) return tool_use;
    if (const auto *usual = named("default")) return usual;
    std::string names;
    for (const auto &entry : m_templates) names += (names.empty() ? "" : ", ") + entry.name;
    return Error{ErrorCode::Template, "the repository's chat templates have names (" + names + "), and none is the default"};
}

Result<std::string> HubChatTemplate::render(std::string_view variables_json) const {
    std::shared_ptr<const jinja::Dict> given;
    try {
        given = jinja::dict_from_json(variables_json);
    } catch (const jinja::Failure &failure) {
        return Error{ErrorCode::InvalidArgument, failure.message()};
    }
    // What the caller passes comes before the tokenizer's own.
    auto variables = own_variables();
    for (const auto &[name, value] : given->entries()) variables.set(name, value);
    const auto *tools = variables.find(std::string_view("tools"));
    const auto chosen = choose(tools && !tools->is_none());
    if (!chosen) return chosen.error();
    if (const auto *messages = variables.find(std::string_view("messages")))
        variables.set(jinja::Value::text("messages"), (*chosen)->rules.adapted(*messages));
    return (*chosen)->chat.render(variables, m_clock);
}

}  // namespace millm::engine
