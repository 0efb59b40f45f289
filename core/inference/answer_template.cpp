#include "core/inference/answer_template.h"

#include "core/engine/input/json.h"
#include "core/inference/answer_parser.h"
#include "core/inference/template_variables.h"

#include <optional>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

constexpr std::string_view name = "probe_name", key = "probe_key", values[] = {"probe_value_1", "probe_value_2"};

QJsonArray sampleTools() {
    const QJsonObject parameters{{u"type"_s, u"object"_s},
                                 {u"properties"_s, QJsonObject{{u"probe_key"_s, QJsonObject{{u"type"_s, u"string"_s}}}}}};
    return {QJsonObject{{u"type"_s, u"function"_s},
                        {u"function"_s, QJsonObject{{u"name"_s, u"probe_name"_s},
                                                    {u"description"_s, u"Looks something up."_s},
                                                    {u"parameters"_s, parameters}}}}};
}

QJsonObject sampleAnswer(int calls) {
    QJsonArray list;
    for (int i = 0; i < calls; ++i)
        list.append(
            QJsonObject{{u"id"_s, u"call0000%1"_s.arg(i)},
                        {u"type"_s, u"function"_s},
                        {u"function"_s, QJsonObject{{u"name"_s, u"probe_name"_s},
                                                    {u"arguments"_s, u"{\"probe_key\": \"probe_value_%1\"}"_s.arg(i + 1)}}}});
    return {{u"role"_s, u"assistant"_s}, {u"content"_s, QString()}, {u"tool_calls"_s, list}};
}

/// What a template writes behind the prompt of a chat with this answer.
std::optional<std::string> answerText(const engine::ChatTemplate &chat, const ChatInput &input, const QJsonObject &answer) {
    ChatInput sample{.messages = {QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Hello"_s}}},
                     .variables = input.variables,
                     .addGenerationPrompt = true,
                     .tools = sampleTools()};
    auto prompt = chat.render(templateVariables(sample));
    sample.messages.append(answer);
    sample.addGenerationPrompt = false;
    const auto whole = chat.render(templateVariables(sample));
    if (!prompt || !whole) return std::nullopt;
    // A prompt may open reasoning, which templates leave out of answers that are over.
    for (std::string begin = *prompt;;) {
        if (whole->starts_with(begin)) return whole->substr(begin.size());
        const auto reasoning = AnswerParser::last_reasoning(begin);
        if (!reasoning) return std::nullopt;
        begin.resize(reasoning->begin);
    }
}

/// What a template ends an answer with: "<|im_end|>\n".
std::string turnEnd(const engine::ChatTemplate &chat, const ChatInput &input) {
    constexpr std::string_view said = "probe_answer";
    const auto text = answerText(chat, input, {{u"role"_s, u"assistant"_s}, {u"content"_s, u"probe_answer"_s}});
    const std::size_t at = text ? text->find(said) : std::string::npos;
    return at == std::string::npos ? std::string() : text->substr(at + said.size());
}

struct Place {
    std::size_t begin = 0, end = 0;
};

/// Where the arguments with that value stand as a JSON object.
std::optional<Place> argumentsIn(const std::string &text, std::string_view value) {
    const std::size_t at = text.find(value);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t begin = text.rfind('{', at), end = text.find('}', at);
    if (begin == std::string::npos || end == std::string::npos) return std::nullopt;
    const auto object = engine::parse_json_object(text.substr(begin, end + 1 - begin), "arguments");
    if (!object || object->text(key) == nullptr || *object->text(key) != value) return std::nullopt;
    return Place{begin, end + 1};
}

std::size_t callsIn(const std::string &text) {
    static const engine::JsonValue tools = [] {
        const ChatInput input{.messages = {}, .variables = {}, .tools = sampleTools()};
        const auto variables = engine::parse_json_object(templateVariables(input), "tools");
        return variables ? *variables->find("tools") : engine::JsonValue();
    }();
    AnswerParser parser({.tools = tools, .reasoning = true});
    auto parts = parser.push(text);
    for (AnswerPart &part : parser.finish()) parts.push_back(std::move(part));
    std::size_t calls = 0;
    for (const AnswerPart &part : parts) {
        if (part.kind != AnswerPart::Kind::Call || part.call.name != name) return 0;
        ++calls;
    }
    return calls;
}

std::optional<CallTemplate> own(const engine::ChatTemplate &chat, const ChatInput &input) {
    const auto one = answerText(chat, input, sampleAnswer(1));
    if (!one) return std::nullopt;
    const std::size_t named = one->find(name);
    const auto arguments = argumentsIn(*one, values[0]);
    if (!arguments || named == std::string::npos || named + name.size() > arguments->begin) return std::nullopt;
    CallTemplate form;
    form.before = one->substr(0, named);
    // An empty reasoning in front of the call.
    if (const auto reasoning = AnswerParser::last_reasoning(form.before)) {
        if (reasoning->end == std::string::npos) return std::nullopt;
        form.before.erase(0, std::min(form.before.find_first_not_of(" \n", reasoning->end), form.before.size()));
    }
    form.middle = one->substr(named + name.size(), arguments->begin - named - name.size());
    form.after = one->substr(arguments->end);
    if (const std::string end = turnEnd(chat, input); form.after.ends_with(end))
        form.after.resize(form.after.size() - end.size());
    const auto written = [&](std::string_view between) {
        const std::string call = std::string(name) + form.middle + "{\"probe_key\": \"x\"}";
        return form.before + call + (between.empty() ? std::string() : std::string(between) + call) + form.after;
    };
    if (callsIn(written("")) != 1) return std::nullopt;

    const auto two = answerText(chat, input, sampleAnswer(2));
    const auto first = two ? argumentsIn(*two, values[0]) : std::nullopt,
               second = two ? argumentsIn(*two, values[1]) : std::nullopt;
    if (!first || !second || second->begin < first->end) return form;
    const std::size_t again = two->find(name, first->end);
    if (again > second->begin || two->substr(again + name.size(), second->begin - again - name.size()) != form.middle)
        return form;
    const std::string between = two->substr(first->end, again - first->end);
    if (callsIn(written(between)) == 2) form.between = between;
    return form;
}

}  // namespace

std::optional<ReasoningTemplate> reasoningTemplate(const engine::ChatTemplate &chat, const ChatInput &input) {
    const QJsonObject user{{u"role"_s, u"user"_s}, {u"content"_s, u"Hello"_s}};
    const auto prompt = chat.render(templateVariables({.messages = {user}, .variables = input.variables}));
    if (!prompt || AnswerParser::last_reasoning(*prompt)) return std::nullopt;
    const auto text = answerText(
        chat, input,
        {{u"role"_s, u"assistant"_s}, {u"content"_s, u"probe_answer"_s}, {u"reasoning_content"_s, u"probe_thought"_s}});
    const auto reasoning = text ? AnswerParser::last_reasoning(*text) : std::nullopt;
    if (!reasoning || reasoning->end == std::string::npos) return std::nullopt;
    const std::size_t thought = text->find("probe_thought");
    if (thought < reasoning->begin || thought > reasoning->end) return std::nullopt;
    return ReasoningTemplate{std::string(reasoning->open), std::string(reasoning->close)};
}

CallTemplate callTemplate(const engine::ChatTemplate &chat, const ChatInput &input) {
    // What the prompt of tool_prompt.h describes.
    return own(chat, input)
        .value_or(CallTemplate{R"({"tool_calls": [{"name": ")", R"(", "arguments": )", R"(}, {"name": ")", "}]}"});
}

}  // namespace millm
