#include "core/inference/tool_calls.h"

#include "core/engine/input/json.h"
#include "core/inference/python_literal.h"

#include <algorithm>

namespace millm {

namespace {

using engine::JsonValue;
using Calls = std::vector<ToolCall>;

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Cuts the text up to `end` off and returns it; all of it where `end` is not there.
std::string_view take_until(std::string_view &text, std::string_view end) {
    const std::size_t at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + end.size());
    return part;
}

bool take(std::string_view &text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::optional<JsonValue> parsed(std::string_view text) {
    auto value = engine::parse_json(trimmed(text), "a tool call");
    if (!value) return std::nullopt;
    return *std::move(value);
}

// ---- what a call is made of ----

/// The schema of a tool's parameter, or null.
const JsonValue *schema_of(const JsonValue &tools, std::string_view name, std::string_view key) {
    for (const JsonValue &tool : tools.items()) {
        const JsonValue *function = tool.given("function");
        if (function == nullptr || function->text("name") == nullptr || *function->text("name") != name) continue;
        const JsonValue *parameters = function->given("parameters");
        const JsonValue *properties = parameters != nullptr ? parameters->given("properties") : nullptr;
        return properties != nullptr ? properties->given(key) : nullptr;
    }
    return nullptr;
}

bool knows(const JsonValue &tools, std::string_view name) {
    return std::ranges::any_of(tools.items(), [&](const JsonValue &tool) {
        const JsonValue *function = tool.given("function");
        return function != nullptr && function->text("name") != nullptr && *function->text("name") == name;
    });
}

/// A value that is written without quotes: a string where the schema says so, else JSON where it is some.
JsonValue typed(std::string_view text, const JsonValue *schema) {
    const std::string *type = schema != nullptr ? schema->text("type") : nullptr;
    if (type != nullptr && *type == "string") return std::string(text);
    if (trimmed(text) == "True" || trimmed(text) == "False") return trimmed(text) == "True";
    if (auto value = parsed(text)) return std::move(*value);
    return std::string(text);
}

/// Arguments as models give them: an object, one written into a string, or none at all.
std::optional<std::string> arguments_of(const JsonValue *value) {
    if (value == nullptr) return "{}";
    if (value->is_object()) return value->dump();
    if (value->text() == nullptr) return std::nullopt;
    if (trimmed(*value->text()).empty()) return "{}";
    const auto inner = parsed(*value->text());
    if (!inner || !inner->is_object()) return std::nullopt;
    return inner->dump();
}

std::optional<ToolCall> call_of(const JsonValue &object) {
    const JsonValue *function = object.given("function");
    if (function != nullptr && function->is_object()) return call_of(*function);
    for (const char *key : {"name", "tool_name", "function"}) {
        const std::string *name = object.text(key);
        if (name == nullptr || name->empty()) continue;
        const JsonValue *given = nullptr;
        for (const char *values : {"arguments", "parameters", "args", "input"})
            if (given == nullptr) given = object.given(values);
        auto arguments = arguments_of(given);
        if (!arguments) return std::nullopt;
        return ToolCall{*name, std::move(*arguments)};
    }
    return std::nullopt;
}

bool add_calls(const JsonValue &value, Calls &calls) {
    const JsonValue *inner = value.given("tool_calls");
    if (inner != nullptr && inner->is_list()) return add_calls(*inner, calls);
    if (!value.is_list()) {
        auto call = call_of(value);
        if (call) calls.push_back(std::move(*call));
        return call.has_value();
    }
    return std::ranges::all_of(value.items(),
                               [&](const JsonValue &item) { return item.is_object() && add_calls(item, calls); });
}

/// Where the JSON value that begins the text ends; nothing where it does not.
std::optional<std::size_t> end_of_value(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (--depth == 0) return i + 1;
            if (depth < 0) return std::nullopt;
        } else if (depth == 0) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

// ---- the forms ----

/// The whole calls in front of one that the end of the answer cut; nothing where there are none, or other text is among them.
std::optional<Calls> calls_before_cut(std::string_view text, Calls calls) {
    take(text, "[");
    for (text = trimmed(text); const auto end = end_of_value(text); text = trimmed(text)) {
        const auto value = parsed(text.substr(0, *end));
        if (!value || !add_calls(*value, calls)) return std::nullopt;
        text = trimmed(text.substr(*end));
        if (!take(text, ",") && !text.empty()) return std::nullopt;
    }
    if (calls.empty() || !(text.empty() || text.starts_with('{'))) return std::nullopt;
    return calls;
}

std::optional<Calls> json_calls(std::string_view text) {
    Calls calls;
    for (text = trimmed(text); !text.empty();) {
        const auto end = end_of_value(text);
        if (!end) return calls_before_cut(text, std::move(calls));
        const auto value = parsed(text.substr(0, *end));
        if (!value || !add_calls(*value, calls)) return std::nullopt;
        text = trimmed(text.substr(*end));
        // Several objects in a row, however they are told apart.
        if (take(text, ";") || take(text, ",")) text = trimmed(text);
    }
    if (calls.empty()) return std::nullopt;
    return calls;
}

std::optional<Calls> python_calls(std::string_view text) {
    const auto read = read_python_calls(text);
    if (!read) return std::nullopt;
    Calls calls;
    for (const PythonCall &call : *read) calls.push_back({call.name, call.arguments.dump()});
    return calls;
}

/// Pairs of key and value, each between tags.
struct TagPairs {
    std::string_view key_open, key_close, value_open, value_close;
};

/// A value's own line breaks next to the tags are not part of it.
std::string_view without_edges(std::string_view text) {
    take(text, "\n");
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

std::optional<ToolCall> tagged_call(std::string_view name, std::string_view body, const TagPairs &tags,
                                    const JsonValue &tools) {
    name = trimmed(name);
    if (name.empty()) return std::nullopt;
    JsonValue::Members members;
    for (body = trimmed(body); !body.empty(); body = trimmed(body)) {
        if (!take(body, tags.key_open)) return std::nullopt;
        const std::string_view key = trimmed(take_until(body, tags.key_close));
        body = tags.value_open.empty() ? body : trimmed(body);
        if (key.empty() || !take(body, tags.value_open)) return std::nullopt;
        const std::string_view value = without_edges(take_until(body, tags.value_close));
        members.push_back({std::string(key), typed(value, schema_of(tools, name, key))});
    }
    return ToolCall{std::string(name), JsonValue::object_of(std::move(members)).dump()};
}

constexpr TagPairs parameter_tags{"<parameter=", ">", "", "</parameter>"};
constexpr TagPairs named_parameter_tags{"<parameter name=\"", "\">", "", "</parameter>"};
constexpr TagPairs argument_tags{"<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"};

/// name>{"k": v} or name> and parameters between tags.
std::optional<Calls> function_call(std::string_view text, const JsonValue &tools) {
    const std::string_view name = trimmed(take_until(text, ">"));
    text = trimmed(text);
    if (text.ends_with("</function>")) text.remove_suffix(std::string_view("</function>").size());
    if (trimmed(text).starts_with('{')) {
        const auto value = parsed(text);
        const auto arguments = value ? arguments_of(&*value) : std::nullopt;
        if (!arguments || name.empty()) return std::nullopt;
        return Calls{{std::string(name), *arguments}};
    }
    auto call = tagged_call(name, text, parameter_tags, tools);
    if (!call) return std::nullopt;
    return Calls{std::move(*call)};
}

std::optional<Calls> tagged_calls(std::string_view text, const JsonValue &tools) {
    text = trimmed(text);
    if (text.starts_with('{') || text.starts_with('[')) return json_calls(text);
    if (take(text, "<function=")) return function_call(text, tools);
    const std::string_view name = text.substr(0, text.find("<arg_key>"));
    auto call = tagged_call(name, text.substr(name.size()), argument_tags, tools);
    if (!call || name.find_first_of("<>{}") != std::string_view::npos) return std::nullopt;
    return Calls{std::move(*call)};
}

std::optional<Calls> invoked_calls(std::string_view text, const JsonValue &tools) {
    Calls calls;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        if (!take(text, "<invoke name=\"")) return std::nullopt;
        const std::string_view name = take_until(text, "\">");
        auto call = tagged_call(name, take_until(text, "</invoke>"), named_parameter_tags, tools);
        if (!call) return std::nullopt;
        calls.push_back(std::move(*call));
    }
    if (calls.empty()) return std::nullopt;
    return calls;
}

std::optional<Calls> mistral_calls(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('[') && !text.starts_with("[ARGS]")) return json_calls(text);
    const std::size_t brace = text.find('{');
    std::string_view head = text.substr(0, brace);
    const std::string_view name = trimmed(take_until(head, "["));
    const auto value = brace == std::string_view::npos ? std::nullopt : parsed(text.substr(brace));
    const auto arguments = value ? arguments_of(&*value) : std::nullopt;
    if (name.empty() || !arguments) return std::nullopt;
    return Calls{{std::string(name), *arguments}};
}

/// JSON, in a fenced block or not.
std::string_view unfenced(std::string_view text) {
    text = trimmed(text);
    if (!take(text, "```")) return text;
    for (const std::string_view language : {"json", "tool_call", "tool_code", "python"})
        if (take(text, language)) break;
    text = trimmed(text);
    if (text.ends_with("```")) text.remove_suffix(3);
    return trimmed(text);
}

std::optional<Calls> deepseek_calls(std::string_view text) {
    Calls calls;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        if (!take(text, "<｜tool▁call▁begin｜>")) return std::nullopt;
        std::string_view body = take_until(text, "<｜tool▁call▁end｜>");
        std::string_view name = trimmed(take_until(body, "<｜tool▁sep｜>"));
        body = trimmed(body);
        // The older form says what is called first, then its name on the rest of the line.
        if (name == "function" && !body.starts_with('{')) name = trimmed(take_until(body, "\n"));
        const auto value = parsed(unfenced(body));
        const auto arguments = value ? arguments_of(&*value) : std::nullopt;
        if (name.empty() || !arguments) return std::nullopt;
        calls.push_back({std::string(name), *arguments});
    }
    if (calls.empty()) return std::nullopt;
    return calls;
}

std::optional<Calls> kimi_calls(std::string_view text) {
    Calls calls;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        if (!take(text, "<|tool_call_begin|>")) return std::nullopt;
        std::string_view body = take_until(text, "<|tool_call_end|>");
        std::string_view name = trimmed(take_until(body, "<|tool_call_argument_begin|>"));
        take(name, "functions.");
        name = name.substr(0, name.rfind(':'));
        const auto value = parsed(body);
        const auto arguments = value ? arguments_of(&*value) : std::nullopt;
        if (name.empty() || !arguments) return std::nullopt;
        calls.push_back({std::string(name), *arguments});
    }
    if (calls.empty()) return std::nullopt;
    return calls;
}

std::optional<Calls> braced_call(std::string_view text, const JsonValue &tools) {
    text = trimmed(text);
    if (!take(text, "call:") || !text.ends_with('}')) return std::nullopt;
    const std::string_view name = trimmed(take_until(text, "{"));
    text.remove_suffix(1);
    JsonValue::Members members;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const std::string_view key = trimmed(take_until(text, ":"));
        std::string_view value;
        if (take(text, "<escape>")) {
            value = take_until(text, "<escape>");
            members.push_back({std::string(key), std::string(value)});
            take_until(text, ",");
        } else {
            const auto end = end_of_value(text);
            value = end ? text.substr(0, *end) : text.substr(0, text.find(','));
            text.remove_prefix(value.size());
            take(text, ",");
            members.push_back({std::string(key), typed(value, schema_of(tools, name, key))});
        }
        if (key.empty()) return std::nullopt;
    }
    if (name.empty()) return std::nullopt;
    return Calls{{std::string(name), JsonValue::object_of(std::move(members)).dump()}};
}

}  // namespace

std::optional<Calls> read_calls(CallForm form, std::string_view text, const JsonValue &tools) {
    switch (form) {
        case CallForm::Tagged:
            return tagged_calls(text, tools);
        case CallForm::Function:
            return function_call(text, tools);
        case CallForm::Invoke:
            return invoked_calls(text, tools);
        case CallForm::Json:
            return json_calls(text);
        case CallForm::Mistral:
            return mistral_calls(text);
        case CallForm::DeepSeek:
            return deepseek_calls(text);
        case CallForm::Kimi:
            return kimi_calls(text);
        case CallForm::Pythonic:
            return python_calls(text);
        case CallForm::Braced:
            return braced_call(text, tools);
    }
    return std::nullopt;
}

std::optional<Calls> read_bare_calls(std::string_view text, const JsonValue &tools) {
    text = unfenced(text);
    auto calls = json_calls(text);
    if (!calls) calls = python_calls(text);
    if (!calls) return std::nullopt;
    const bool all_known = std::ranges::all_of(*calls, [&](const ToolCall &call) { return knows(tools, call.name); });
    if (!all_known) return std::nullopt;
    return calls;
}

}  // namespace millm
