#include "core/inference/template_variables.h"

#include "core/engine/input/json.h"

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

/// Clients send a call's arguments as a string of JSON, templates write down objects. A message that has only calls has no
/// content.
void openCalls(JsonValue &messages) {
    JsonValue::List list(messages.items().begin(), messages.items().end());
    for (JsonValue &message : list) {
        const JsonValue *calls = message.given("tool_calls");
        if (calls == nullptr) continue;
        JsonValue::List opened(calls->items().begin(), calls->items().end());
        for (JsonValue &call : opened) {
            const JsonValue *given = call.given("function");
            if (given == nullptr) continue;
            const std::string *arguments = given->text("arguments");
            if (arguments == nullptr) continue;
            auto object = engine::parse_json_object(*arguments, "arguments", limits);
            if (!object) continue;
            JsonValue function = *given;
            function.set("arguments", *std::move(object));
            call.set("function", std::move(function));
        }
        message.set("tool_calls", JsonValue(std::move(opened)));
        if (message.given("content") == nullptr) message.set("content", "");
    }
    messages = JsonValue(std::move(list));
}

}  // namespace

std::string templateVariables(const ChatInput &input) {
    JsonValue body;
    if (!input.written.isEmpty()) {
        const std::string_view text(input.written.constData(), std::size_t(input.written.size()));
        // One that this parser does not take has Qt's order.
        if (auto parsed = engine::parse_json(text, "the request", limits)) body = *std::move(parsed);
    }
    QJsonObject variables = input.variables;
    variables.remove(QStringLiteral("messages"));
    if (!input.tools.isEmpty()) variables.remove(QStringLiteral("tools"));
    variables.insert(QStringLiteral("add_generation_prompt"), input.addGenerationPrompt);
    JsonValue::Members members = membersAsWritten(variables, body.find("chat_template_kwargs"));
    if (!input.tools.isEmpty()) members.push_back({"tools", asWritten(input.tools, body.find("tools"))});
    JsonValue messages = asWritten(input.messages, body.find("messages"));
    openCalls(messages);
    members.push_back({"messages", std::move(messages)});
    return JsonValue::object_of(std::move(members)).dump();
}

}  // namespace millm
