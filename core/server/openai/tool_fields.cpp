#include "core/server/openai/tool_fields.h"

#include <QJsonDocument>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSet>

namespace millm::openai {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype maxTools = 512;

bool isName(const QString &name) {
    static const QRegularExpression pattern(u"\\A[A-Za-z0-9_.-]{1,64}\\z"_s);
    return pattern.match(name).hasMatch();
}

void checkTool(JsonReader &reader, const QString &where, const QJsonValue &tool, QSet<QString> &names) {
    if (tool["type"_L1] != "function"_L1)
        return reader.fail(where + u".type"_s, u"must be function: other tools are not supported by this server"_s);
    const QJsonValue function = tool["function"_L1];
    if (!function.isObject()) return reader.fail(where + u".function"_s, u"must be an object"_s);
    const QString name = function["name"_L1].toString();
    if (!isName(name))
        return reader.fail(where + u".function.name"_s, u"must be 1 to 64 letters, digits, dots, dashes or underscores"_s);
    if (names.contains(name)) return reader.fail(where + u".function.name"_s, u"'%1' is there twice"_s.arg(name));
    names.insert(name);
    const QJsonValue parameters = function["parameters"_L1];
    if (!parameters.isObject() && !parameters.isUndefined() && !parameters.isNull())
        reader.fail(where + u".function.parameters"_s, u"must be a JSON schema"_s);
}

/// What `tool_choice` asks for; nothing where tools may not be used.
std::optional<CallChoice> readChoice(JsonReader &reader) {
    const auto field = "tool_choice"_L1;
    const QJsonValue choice = reader.value(field);
    if (!reader.has(field) || choice == "auto"_L1) return CallChoice();
    if (choice == "none"_L1) return {};
    if (choice == "required"_L1) return CallChoice{.forced = true};
    // The Responses API has the name beside the type.
    const QJsonValue function = choice["function"_L1].isObject() ? choice["function"_L1] : choice;
    if (choice["type"_L1] == "function"_L1 && function["name"_L1].isString())
        return CallChoice{.forced = true, .name = function["name"_L1].toString()};
    reader.fail(field, u"must be 'auto', 'none', 'required' or a function by its name"_s);
    return {};
}

}  // namespace

ToolFields readTools(JsonReader &reader) {
    ToolFields fields;
    const QJsonArray tools = reader.array("tools"_L1).value_or(QJsonArray());
    if (tools.size() > maxTools)
        reader.fail(u"tools"_s, u"must have at most %1 entries, not %2"_s.arg(maxTools).arg(tools.size()));
    QSet<QString> names;
    for (qsizetype i = 0; i < tools.size() && reader.ok(); ++i) checkTool(reader, u"tools[%1]"_s.arg(i), tools[i], names);
    if (const auto choice = readChoice(reader)) {
        fields.tools = tools;
        fields.choice = *choice;
    }
    fields.choice.parallel = reader.boolean("parallel_tool_calls"_L1, true);
    checkForced(reader, u"tool_choice"_s, fields.choice, fields.tools);
    return fields;
}

void checkForced(JsonReader &reader, const QString &field, const CallChoice &choice, const QJsonArray &tools) {
    if (!choice.forced || !reader.ok()) return;
    if (tools.isEmpty()) return reader.fail(field, u"forces a call, and there are no tools"_s);
    const bool known = std::any_of(tools.begin(), tools.end(), [&](const QJsonValue &tool) {
        return choice.name.isEmpty() || tool["function"_L1]["name"_L1] == choice.name;
    });
    if (!known) reader.fail(field, u"names '%1', which is none of the tools"_s.arg(choice.name.left(80)));
}

void checkToolMessage(JsonReader &reader, const QString &where, const QJsonObject &message) {
    if (!message.value("tool_call_id"_L1).isString()) reader.fail(where + u".tool_call_id"_s, u"must be a string"_s);
}

void checkToolCalls(JsonReader &reader, const QString &where, const QJsonValue &calls) {
    if (!calls.isArray()) return reader.fail(where, u"must be a list of calls"_s);
    const QJsonArray list = calls.toArray();
    for (qsizetype i = 0; i < list.size() && reader.ok(); ++i) {
        const QString place = u"%1[%2]"_s.arg(where).arg(i);
        const QJsonValue function = list[i]["function"_L1], id = list[i]["id"_L1];
        if (!id.isString() && !id.isUndefined() && !id.isNull()) return reader.fail(place + u".id"_s, u"must be a string"_s);
        if (!function.isObject() || !function["name"_L1].isString())
            return reader.fail(place + u".function.name"_s, u"must be a string"_s);
        const QJsonValue arguments = function["arguments"_L1];
        if (!arguments.isString()) return reader.fail(place + u".function.arguments"_s, u"must be a string of JSON"_s);
    }
}

QString newCallId() {
    constexpr QLatin1StringView letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    QString id;
    for (int i = 0; i < 9; ++i) id += letters[QRandomGenerator::global()->bounded(int(letters.size()))];
    return id;
}

}  // namespace millm::openai
