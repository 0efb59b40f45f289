#include "core/inference/template_variables.h"

#include "core/engine/input/json.h"

#include <map>
#include <span>
#include <utility>

namespace millm {

namespace {

using engine::JsonMember;
using engine::JsonValue;

// What the server takes of a request's body, and Qt's limit of nesting.
constexpr engine::JsonLimits limits{std::size_t(64) << 20, 1024, 16'000'000, true};

std::string utf8(const QString &text) {
    return text.toStdString();
}

JsonValue asWritten(const QJsonValue &value, const JsonValue *written);

/// Members in the order that the client wrote them in, then those that it did not write.
JsonValue::Members membersAsWritten(const QJsonObject &object, const JsonValue *written) {
    JsonValue::Members members;
    QJsonObject left = object;
    for (const JsonMember &member : written ? written->members() : std::span<const JsonMember>()) {
        const auto found = left.find(QString::fromStdString(member.key));
        if (found == left.end()) continue;
        members.push_back({member.key, asWritten(*found, &member.value)});
        left.erase(found);
    }
    for (auto member = left.begin(); member != left.end(); ++member)
        members.push_back({utf8(member.key()), asWritten(*member, nullptr)});
    return members;
}

/// A value with the members' order and the numbers' spelling of what the client wrote in its place.
JsonValue asWritten(const QJsonValue &value, const JsonValue *written) {
    switch (value.type()) {
        case QJsonValue::Object:
            return JsonValue::object_of(membersAsWritten(value.toObject(), written));
        case QJsonValue::Array: {
            const auto items = written ? written->items() : std::span<const JsonValue>();
            JsonValue::List list;
            for (const QJsonValue &item : value.toArray()) {
                const JsonValue *place = list.size() < items.size() ? &items[list.size()] : nullptr;
                list.push_back(asWritten(item, place));
            }
            return list;
        }
        case QJsonValue::Double:
            if (written && written->number()) return *written;
            if (const qint64 whole = value.toInteger(-1); whole == value.toInteger(-2)) return whole;
            return value.toDouble();
        case QJsonValue::String:
            return utf8(value.toString());
        case QJsonValue::Bool:
            return value.toBool();
        case QJsonValue::Null:
        case QJsonValue::Undefined:
            break;
    }
    return nullptr;
}

/// A tool as OpenAI words it, of what the client wrote: Anthropic's and the Responses API's have no function inside.
JsonValue openAiTool(const JsonValue &written) {
    if (written.given("function") != nullptr) return written;
    JsonValue tool = JsonValue::object({{"type", "function"}}), function = JsonValue::object();
    for (const JsonMember &member : written.members())
        if (member.key != "type") function.set(member.key == "input_schema" ? "parameters" : member.key, member.value);
    tool.set("function", std::move(function));
    return tool;
}

JsonValue toolsAsWritten(const QJsonArray &tools, const JsonValue &body) {
    JsonValue::List written;
    if (const JsonValue *given = body.find("tools"))
        for (const JsonValue &tool : given->items()) written.push_back(openAiTool(tool));
    const JsonValue list(std::move(written));
    return asWritten(tools, &list);
}

/// The arguments of the calls in Anthropic's messages by the call's id, in which they are objects.
std::map<std::string, const JsonValue *> callInputs(const JsonValue &body) {
    std::map<std::string, const JsonValue *> inputs;
    const JsonValue *messages = body.find("messages");
    for (const JsonValue &message : messages ? messages->items() : std::span<const JsonValue>()) {
        const JsonValue *content = message.find("content");
        for (const JsonValue &block : content ? content->items() : std::span<const JsonValue>()) {
            const std::string *id = block.text("id");
            const JsonValue *input = block.given("input");
            if (id != nullptr && input != nullptr && input->is_object()) inputs.emplace(*id, input);
        }
    }
    return inputs;
}

/// Clients send a call's arguments as a string of JSON, templates write down objects. A message that has only calls has no
/// content.
void openCalls(JsonValue &messages, const std::map<std::string, const JsonValue *> &inputs) {
    JsonValue::List list(messages.items().begin(), messages.items().end());
    for (JsonValue &message : list) {
        const JsonValue *calls = message.given("tool_calls");
        if (calls == nullptr) continue;
        JsonValue::List opened(calls->items().begin(), calls->items().end());
        for (JsonValue &call : opened) {
            const JsonValue *given = call.given("function");
            if (given == nullptr) continue;
            const std::string *arguments = given->text("arguments"), *id = call.text("id");
            if (arguments == nullptr) continue;
            auto object = engine::parse_json_object(*arguments, "arguments", limits);
            if (!object) continue;
            const auto ordered = inputs.find(id != nullptr ? *id : std::string());
            JsonValue function = *given;
            function.set("arguments", ordered != inputs.end() ? *ordered->second : *std::move(object));
            call.set("function", std::move(function));
        }
        message.set("tool_calls", JsonValue(std::move(opened)));
        if (message.given("content") == nullptr) message.set("content", "");
    }
    messages = JsonValue(std::move(list));
}

}  // namespace

engine::JsonValue writtenJson(const QByteArray &written) {
    if (written.isEmpty()) return {};
    const std::string_view text(written.constData(), std::size_t(written.size()));
    // One that this parser does not take has Qt's order.
    auto parsed = engine::parse_json(text, "the request", limits);
    return parsed ? *std::move(parsed) : JsonValue();
}

engine::JsonValue toolsAsWritten(const ChatInput &input) {
    return toolsAsWritten(input.tools, writtenJson(input.written));
}

std::string templateVariables(const ChatInput &input) {
    const JsonValue body = writtenJson(input.written);
    QJsonObject variables = input.variables;
    variables.remove(QStringLiteral("messages"));
    if (!input.tools.isEmpty()) variables.remove(QStringLiteral("tools"));
    variables.insert(QStringLiteral("add_generation_prompt"), input.addGenerationPrompt && !input.continuesLast);
    JsonValue::Members members = membersAsWritten(variables, body.find("chat_template_kwargs"));
    if (!input.tools.isEmpty()) members.push_back({"tools", toolsAsWritten(input.tools, body)});
    JsonValue messages = asWritten(input.messages, input.writtenMessages ? body.find("messages") : nullptr);
    openCalls(messages, input.writtenMessages ? std::map<std::string, const JsonValue *>() : callInputs(body));
    members.push_back({"messages", std::move(messages)});
    return JsonValue::object_of(std::move(members)).dump();
}

}  // namespace millm
