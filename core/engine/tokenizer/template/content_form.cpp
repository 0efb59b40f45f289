#include "core/engine/tokenizer/template/content_form.h"

#include <optional>
#include <string_view>
#include <vector>

namespace millm::engine {

namespace {

using jinja::Dict;
using jinja::Value;

// Words that no template writes of its own accord, the second one after a break between parts.
constexpr const char *first_word = "millmalpha", *second_word = "millmomega";

Value text(std::string_view bytes) {
    return Value::text(std::string(bytes));
}

Value dict(std::vector<std::pair<const char *, Value>> members) {
    auto made = std::make_shared<Dict>();
    for (auto &[key, value] : members) made->set(text(key), std::move(value));
    return Value(std::shared_ptr<const Dict>(std::move(made)));
}

Value part(const Value &words) {
    return dict({{"type", text("text")}, {"text", words}});
}

Value message(const char *role, Value content) {
    return dict({{"role", text(role)}, {"content", std::move(content)}});
}

/// What the template makes of messages; nothing where it fails.
std::optional<std::string> rendered(const jinja::Template &chat, Dict variables, const jinja::Clock &clock,
                                    std::vector<Value> messages) {
    variables.set(text("messages"), Value::list(std::move(messages)));
    variables.set(text("add_generation_prompt"), Value(false));
    jinja::Limits limits;
    limits.steps = 100'000;
    limits.work = 16'000'000;
    auto made = chat.render(variables, clock, limits);
    if (!made) return std::nullopt;
    return std::move(*made);
}

bool contains(const std::string &whole, const char *words) {
    return whole.find(words) != std::string::npos;
}

ContentForms::Parts parts_shown(const std::optional<std::string> &made) {
    if (!made || !contains(*made, first_word)) return ContentForms::Parts::None;
    // A list that is printed as a list, in Python's form or JSON's, is not meant to be seen.
    for (const char *key : {"'text': '", "\"text\": \"", "\"text\":\""})
        if (contains(*made, (std::string(key) + first_word).c_str())) return ContentForms::Parts::None;
    return contains(*made, second_word) ? ContentForms::Parts::All : ContentForms::Parts::First;
}

/// The member of a dict, or nothing.
const Value *member(const Value &value, std::string_view key) {
    return value.is(Value::Type::Dict) ? value.dict().find(key) : nullptr;
}

/// The text of parts, one after the other on lines of their own; nothing where one is no text.
std::optional<std::string> joined(const std::vector<Value> &parts) {
    std::string all;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Value *words = member(parts[i], "text");
        if (!words || !words->is_string()) return std::nullopt;
        all += (i > 0 ? "\n" : "") + words->bytes();
    }
    return all;
}

}  // namespace

ContentRules::ContentRules(const jinja::Template &chat, const Dict &variables, const jinja::Clock &clock) {
    const auto forms = [&](const char *role, const std::vector<Value> &before, const std::vector<Value> &after) {
        const auto with = [&](Value content) {
            std::vector<Value> messages = before;
            messages.push_back(message(role, std::move(content)));
            messages.insert(messages.end(), after.begin(), after.end());
            return rendered(chat, variables, clock, std::move(messages));
        };
        const auto as_text = with(text(first_word));
        return ContentForms{as_text && contains(*as_text, first_word),
                            parts_shown(with(Value::list({part(text(first_word)), part(text(second_word))})))};
    };
    m_user = forms("user", {}, {});
    const bool in_parts = !m_user.string && m_user.parts != ContentForms::Parts::None;
    const Value question = message("user", in_parts ? Value::list({part(text("question"))}) : text("question"));
    m_system = forms("system", {}, {question});
    m_assistant = forms("assistant", {question}, {});
}

Value ContentRules::adapted_message(const Value &given) const {
    const Value *role = member(given, "role"), *content = member(given, "content");
    if (!role || !role->is_string() || !content) return given;
    const ContentForms &forms = role->bytes() == "system" ? m_system : role->bytes() == "assistant" ? m_assistant : m_user;
    const bool all = forms.parts == ContentForms::Parts::All, some = all || forms.parts == ContentForms::Parts::First;
    std::optional<Value> other;
    if (content->is_string() && some && !forms.string) {
        other = Value::list({part(*content)});
    } else if (content->is_list() && !all) {
        const auto words = joined(content->items());
        if (words) other = forms.string || !some ? text(*words) : Value::list({part(text(*words))});
    }
    if (!other) return given;
    auto changed = std::make_shared<Dict>(given.dict());
    changed->set(text("content"), std::move(*other));
    return Value(std::shared_ptr<const Dict>(std::move(changed)));
}

Value ContentRules::adapted(const Value &messages) const {
    if (!messages.is_list()) return messages;
    std::vector<Value> changed;
    changed.reserve(messages.items().size());
    for (const Value &given : messages.items()) changed.push_back(adapted_message(given));
    return Value::list(std::move(changed));
}

}  // namespace millm::engine
