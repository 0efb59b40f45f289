#include "core/inference/answer_grammar.h"

#include "core/base/errors.h"
#include "core/engine/input/json.h"
#include "core/inference/answer_template.h"
#include "core/inference/template_variables.h"

#include <algorithm>
#include <optional>

namespace millm {

namespace {

using engine::Grammar;
using engine::JsonValue;
using namespace Qt::StringLiterals;

constexpr int mostCalls = 8;  ///< of one answer

/// A schema with what it does not say: parts of it that no grammar can hold are left out, unless it is strict, and the JSON is
/// one line with a blank behind each comma and colon. Blanks without end would be JSON too, and small models lose themselves
/// in them.
std::string compilable(JsonValue schema, bool strict) {
    if (schema.boolean())
        schema = *schema.boolean() ? JsonValue::object({}) : JsonValue::object({{"not", JsonValue::object({})}});
    if (schema.find("x-guidance") == nullptr)
        schema.set(
            "x-guidance",
            JsonValue::object(
                {{"lenient", !strict}, {"whitespace_flexible", false}, {"item_separator", ", "}, {"key_separator", ": "}}));
    return schema.dump();
}

std::string quoted(std::string text) {
    return JsonValue(std::move(text)).dump();
}

/// A rule of Lark for a text, in which special tokens are tokens: their spelling in letters is another text. Ends in front of
/// the first token that ends an answer.
std::string literal(const engine::LanguageModel &model, std::string_view text) {
    const auto ids = model.tokenizer().encode(text, false);
    std::string rule;
    const auto add = [&](std::string_view part) {
        if (!part.empty()) rule += ' ' + quoted(std::string(part));
    };
    const auto ends = [&](std::int32_t id) {
        const auto &info = model.info();
        return std::ranges::find(info.eos_tokens, id) != info.eos_tokens.end() ||
               std::ranges::find(info.turn_end_tokens, id) != info.turn_end_tokens.end();
    };
    for (const std::int32_t id : ids ? *ids : std::vector<std::int32_t>()) {
        if (!model.tokenizer().is_special(id) && !ends(id)) continue;
        const std::string token = model.tokenizer().token(id);
        const std::size_t at = text.find(token);
        if (token.empty() || at == std::string_view::npos) continue;
        add(text.substr(0, at));
        text.remove_prefix(at + token.size());
        if (ends(id)) return rule;
        rule += " <[" + std::to_string(id) + "]>";
    }
    add(text);
    return rule;
}

/// A text as a part of a regular expression between slashes.
std::string escaped(std::string_view text) {
    std::string expression;
    for (const char letter : text) {
        if (std::string_view("\\^$.|?*+()[]{}/").find(letter) != std::string_view::npos) expression += '\\';
        expression += letter;
    }
    return expression;
}

/// "reasoning?" and its rule, for a model that may think before it answers; both empty for others.
struct ReasoningRule {
    std::string use, rule;
};

ReasoningRule reasoningRule(const engine::LanguageModel &model, const ChatInput &input) {
    const auto marks = reasoningTemplate(*model.chat_template(), input);
    if (!marks) return {};
    const std::int32_t close = model.tokenizer().id_of(marks->close);
    std::string rule = "reasoning:" + literal(model, marks->open);
    if (close >= 0 && model.tokenizer().is_special(close)) {
        rule += " /(?s:.*)/" + literal(model, marks->close) + " BLANKS?\n";
    } else {
        // Up to the first place where the mark stands.
        rule += " thought BLANKS?\nthought[lazy]: /(?s:.*)" + escaped(marks->close) + "/\n";
    }
    return {"reasoning? ", rule + "BLANKS: /[ \\n]{1,4}/\n"};
}

/// Rules "calls" and what it needs.
std::string callRules(const engine::LanguageModel &model, const ChatInput &input, const CallChoice &choice) {
    const CallTemplate form = callTemplate(*model.chat_template(), input);
    std::string call, rules;
    int functions = 0;
    const JsonValue tools = toolsAsWritten(input);
    for (const JsonValue &tool : tools.items()) {
        const JsonValue *function = tool.given("function");
        const std::string *name = function != nullptr ? function->text("name") : nullptr;
        if (name == nullptr || (!choice.name.isEmpty() && choice.name.toStdString() != *name)) continue;
        JsonValue parameters =
            function->given("parameters") != nullptr ? *function->given("parameters") : JsonValue::object({});
        if (parameters.find("type") == nullptr) parameters.set("type", "object");
        const std::string rule = "call_" + std::to_string(functions++);
        call += (call.empty() ? "" : " | ") + rule;
        rules += rule + ": " + quoted(*name) + literal(model, form.middle) + " %json " +
                 compilable(std::move(parameters), function->flag("strict")) + '\n';
    }
    const std::string more = form.between.empty() || !choice.parallel || !choice.name.isEmpty()
                                 ? ""
                                 : " (" + literal(model, form.between) + " call){0," + std::to_string(mostCalls - 1) + "}";
    std::string after = form.after;
    after.erase(after.find_last_not_of(" \n") + 1);
    return "calls:" + literal(model, form.before) + " call" + more + literal(model, after) + "\ncall: " + call + '\n' + rules;
}

Grammar formGrammar(const AnswerForm &form) {
    const std::string text = form.text.toStdString();
    if (form.kind != Grammar::Kind::JsonSchema) return {form.kind, text, {}};
    const JsonValue request = writtenJson(form.written);
    const JsonValue *ordered = &request;
    for (const QString &key : form.path)
        if (ordered != nullptr) ordered = ordered->find(key.toStdString());
    if (ordered != nullptr && !ordered->is_null()) return {form.kind, compilable(*ordered, form.strict), {}};
    auto schema = engine::parse_json(text, "the schema");
    return {form.kind, schema ? compilable(*std::move(schema), form.strict) : text, {}};
}

}  // namespace

Result<std::shared_ptr<const engine::CompiledGrammar>> answerGrammar(const engine::LanguageModel &model,
                                                                     const GenerationRequest &request,
                                                                     std::string_view reasoningEnd) {
    using Answer = std::shared_ptr<const engine::CompiledGrammar>;
    const ChatInput *chat = std::get_if<ChatInput>(&request.input);
    if (model.chat_template() == nullptr) chat = nullptr;
    const bool calls = chat != nullptr && !chat->tools.isEmpty(), forced = calls && request.calls.forced;
    if (!forced && !request.form) return Answer();
    const QString field = request.form ? request.form->field : u"tools"_s;
    Grammar grammar;
    if (forced || (chat != nullptr && request.form->kind == Grammar::Kind::JsonSchema)) {
        const ReasoningRule reasoning = reasoningEnd.empty() ? reasoningRule(model, *chat) : ReasoningRule();
        grammar.kind = Grammar::Kind::Lark;
        grammar.text = "start: " + reasoning.use + (forced ? "calls" : calls ? "(calls | answer)" : "answer") + '\n';
        if (!forced) grammar.text += "answer: %json " + formGrammar(*request.form).text + '\n';
        if (calls) grammar.text += callRules(model, *chat, request.calls);
        grammar.text += reasoning.rule;
    } else {
        grammar = formGrammar(*request.form);
    }
    grammar.after = reasoningEnd;
    auto compiled = model.compile(grammar);
    if (!compiled) {
        if (compiled.error().code != engine::ErrorCode::InvalidArgument) return errors::fromEngine(compiled.error());
        return errors::invalidRequest(
            field, u"'%1' cannot be held: %2"_s.arg(field, QString::fromStdString(compiled.error().message)));
    }
    return *std::move(compiled);
}

}  // namespace millm
