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
    variables.insert(QStringLiteral("add_generation_prompt"), input.addGenerationPrompt);
    JsonValue::Members members = membersAsWritten(variables, body.find("chat_template_kwargs"));
    members.push_back({"messages", asWritten(input.messages, body.find("messages"))});
    return JsonValue::object_of(std::move(members)).dump();
}

}  // namespace millm
