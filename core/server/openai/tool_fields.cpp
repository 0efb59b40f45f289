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

/// Whether tools may be used.
bool readChoice(JsonReader &reader) {
    const auto field = "tool_choice"_L1;
    if (!reader.has(field)) return true;
    const QJsonValue choice = reader.value(field);
    if (choice == "none"_L1) return false;
    if (choice == "auto"_L1) return true;
    if (choice == "required"_L1 || choice.isObject())
        reader.fail(field, u"can be 'auto' or 'none': a call cannot be forced by this server"_s);
    else
        reader.fail(field, u"must be 'auto' or 'none'"_s);
    return true;
}

}  // namespace

ToolFields readTools(JsonReader &reader) {
    ToolFields fields;
    const QJsonArray tools = reader.array("tools"_L1).value_or(QJsonArray());
    if (tools.size() > maxTools)
        reader.fail(u"tools"_s, u"must have at most %1 entries, not %2"_s.arg(maxTools).arg(tools.size()));
    QSet<QString> names;
    for (qsizetype i = 0; i < tools.size() && reader.ok(); ++i) checkTool(reader, u"tools[%1]"_s.arg(i), tools[i], names);
    if (readChoice(reader)) fields.tools = tools;
    fields.parallel = reader.boolean("parallel_tool_calls"_L1, true);
    return fields;
}

void checkToolMessage(JsonReader &reader, const QString &where, const QJsonObject &message) {
    if (!message.value("tool_call_id"_L1).isString()) reader.fail(where + u".tool_call_id"_s, u"must be a string"_s);
}

void checkToolCalls(JsonReader &reader, const QString &where, const QJsonValue &calls) {
    if (!calls.isArray()) return reader.fail(where, u"must be a list of calls"_s);
    const QJsonArray list = calls.toArray();
    for (qsizetype i = 0; i < list.size() && reader.ok(); ++i) {
        const QString place = u"%1[%2]"_s.arg(where).arg(i);
        const QJsonValue function = list[i]["function"_L1];
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
