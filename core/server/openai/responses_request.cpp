#include "core/server/openai/responses_request.h"

#include "core/server/http/json_reader.h"
#include "core/server/openai/answer_form.h"
#include "core/server/openai/tool_fields.h"

namespace millm::openai {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

/// Known fields without a meaning here. Append a row.
constexpr UnsupportedField unsupported[] = {
    {"previous_response_id"_L1, never},
    {"conversation"_L1, never},
    {"background"_L1, isFalse},
    {"prompt"_L1, never},
};

/// The text of a content, which is one or a list of text parts.
QString textOf(JsonReader &reader, const QString &where, const QJsonValue &content) {
    if (content.isString()) return content.toString();
    if (!content.isArray()) reader.fail(where, u"must be a string or a list of text parts"_s);
    QString text;
    const QJsonArray parts = content.toArray();
    for (qsizetype i = 0; i < parts.size() && reader.ok(); ++i) {
        const QString type = parts[i]["type"_L1].toString();
        if (type != "input_text"_L1 && type != "output_text"_L1)
            reader.fail(u"%1[%2].type"_s.arg(where).arg(i), u"'%1' is not supported by this server"_s.arg(type.left(40)));
        text += parts[i]["text"_L1].toString();
    }
    return text;
}

void addMessage(JsonReader &reader, const QString &where, const QJsonValue &item, QJsonArray &messages) {
    QString role = item["role"_L1].toString();
    if (role == "developer"_L1) role = u"system"_s;
    if (role != "system"_L1 && role != "user"_L1 && role != "assistant"_L1)
        return reader.fail(where + u".role"_s, u"must be one of system, developer, user, assistant"_s);
    messages.append(QJsonObject{{u"role"_s, role}, {u"content"_s, textOf(reader, where + u".content"_s, item["content"_L1])}});
}

/// Calls in a row are one message of the assistant.
void addCall(JsonReader &reader, const QString &where, const QJsonValue &item, QJsonArray &messages) {
    for (const auto field : {"call_id"_L1, "name"_L1, "arguments"_L1})
        if (!item[field].isString()) return reader.fail(where + u'.' + field, u"must be a string"_s);
    const QJsonObject call{{u"id"_s, item["call_id"_L1]},
                           {u"type"_s, u"function"_s},
                           {u"function"_s, QJsonObject{{u"name"_s, item["name"_L1]}, {u"arguments"_s, item["arguments"_L1]}}}};
    QJsonObject message{{u"role"_s, u"assistant"_s}, {u"content"_s, QString()}};
    const bool joins = !messages.isEmpty() && messages.last()["role"_L1] == "assistant"_L1;
    if (joins) message = messages.last().toObject();
    QJsonArray calls = message.value("tool_calls"_L1).toArray();
    calls.append(call);
    message.insert(u"tool_calls"_s, calls);
    if (joins) messages.removeLast();
    messages.append(message);
}

void addItem(JsonReader &reader, const QString &where, const QJsonValue &item, QJsonArray &messages) {
    const QString type = item["type"_L1].toString(u"message"_s);
    if (type == "message"_L1) return addMessage(reader, where, item, messages);
    if (type == "function_call"_L1) return addCall(reader, where, item, messages);
    if (type == "function_call_output"_L1) {
        if (!item["call_id"_L1].isString()) return reader.fail(where + u".call_id"_s, u"must be a string"_s);
        messages.append(QJsonObject{{u"role"_s, u"tool"_s},
                                    {u"tool_call_id"_s, item["call_id"_L1]},
                                    {u"content"_s, textOf(reader, where + u".output"_s, item["output"_L1])}});
        return;
    }
    // What was thought is not told to a model again.
    if (type != "reasoning"_L1) reader.fail(where + u".type"_s, u"'%1' is not supported by this server"_s.arg(type.left(40)));
}

/// Their tools, whose function is not a member of its own, as those of chats.
QJsonObject withTools(QJsonObject body) {
    QJsonArray tools;
    for (const QJsonValue &tool : body.value("tools"_L1).toArray()) {
        QJsonObject function = tool.toObject();
        const QJsonValue type = function.take("type"_L1);
        function.remove("strict"_L1);
        tools.append(QJsonObject{{u"type"_s, type}, {u"function"_s, function}});
    }
    if (body.value("tools"_L1).isArray()) body.insert("tools"_L1, tools);
    return body;
}

}  // namespace

Result<ChatRequest> readResponsesRequest(const QJsonObject &body, const QByteArray &written) {
    JsonReader reader(withTools(body));
    ChatRequest request;
    refuseUnsupported(reader, unsupported);
    reader.require("model"_L1);
    request.common.model = reader.string("model"_L1, 1024);
    request.common.stream = reader.boolean("stream"_L1, false);
    request.common.stop.max_new_tokens = reader.integer("max_output_tokens"_L1, 1).value_or(0);
    request.common.sampling.temperature = reader.number("temperature"_L1, 0, 2).value_or(1.0);
    request.common.sampling.top_p = std::max(reader.number("top_p"_L1, 0, 1).value_or(1.0), 1e-9);
    const QString instructions = reader.string("instructions"_L1);
    if (!instructions.isEmpty())
        request.input.messages.append(QJsonObject{{u"role"_s, u"system"_s}, {u"content"_s, instructions}});
    reader.require("input"_L1);
    const QJsonValue input = reader.value("input"_L1);
    if (input.isString()) {
        request.input.messages.append(QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, input}});
    } else {
        const QJsonArray items = reader.array("input"_L1).value_or(QJsonArray());
        if (items.isEmpty()) reader.fail(u"input"_s, u"must not be empty"_s);
        for (qsizetype i = 0; i < items.size() && reader.ok(); ++i)
            addItem(reader, u"input[%1]"_s.arg(i), items[i], request.input.messages);
    }
    const ToolFields tools = readTools(reader);
    request.input.tools = tools.tools;
    request.input.written = written;
    request.common.calls = tools.choice;
    const QJsonValue format = reader.object("text"_L1).value_or(QJsonObject()).value("format"_L1);
    if (format.isObject())
        request.common.form =
            readFormat(reader, u"text.format"_s, format["type"_L1].toString(), format, {u"text"_s, u"format"_s}, written);
    else if (!format.isUndefined() && !format.isNull())
        reader.fail(u"text.format"_s, u"must be an object"_s);
    const auto reasoning = reader.object("reasoning"_L1).value_or(QJsonObject());
    const QJsonValue effort = reasoning.value("effort"_L1);
    if (effort.isString() && effort != QString())
        request.input.variables.insert("reasoning_effort"_L1, effort);
    else if (!effort.isString() && !effort.isNull() && !effort.isUndefined())
        reader.fail(u"reasoning.effort"_s, u"must be a string"_s);
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::openai
