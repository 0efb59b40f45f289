#include "core/server/anthropic/messages_request.h"

#include "core/server/http/json_reader.h"
#include "core/server/openai/answer_form.h"
#include "core/server/openai/tool_fields.h"

#include <QJsonDocument>

namespace millm::anthropic {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype maxStops = 64, maxStopLength = 4096;

QString stringOf(JsonReader &reader, const QString &where, const QJsonValue &value) {
    if (!value.isString()) reader.fail(where, u"must be a string"_s);
    return value.toString();
}

/// The text of a string or of text blocks; whatever else is there is refused.
QString textOf(JsonReader &reader, const QString &where, const QJsonValue &value) {
    if (value.isString()) return value.toString();
    if (!value.isArray()) {
        reader.fail(where, u"must be a string or a list of text blocks"_s);
        return {};
    }
    QString text;
    const QJsonArray blocks = value.toArray();
    for (qsizetype i = 0; i < blocks.size() && reader.ok(); ++i) {
        const QString type = blocks[i]["type"_L1].toString();
        if (type != "text"_L1)
            reader.fail(u"%1[%2].type"_s.arg(where).arg(i),
                        u"must be text: '%1' is not supported by this server"_s.arg(type.left(40)));
        if (!text.isEmpty()) text += u'\n';
        text += stringOf(reader, u"%1[%2].text"_s.arg(where).arg(i), blocks[i]["text"_L1]);
    }
    return text;
}

/// One message, which may be several of a chat: results of tools are messages of their own.
class MessageReader {
public:
    MessageReader(JsonReader &reader, QJsonArray &messages) : m_reader(reader), m_messages(messages) {}

    void read(const QString &where, const QJsonValue &value) {
        const QString role = value["role"_L1].toString();
        if (role != "user"_L1 && role != "assistant"_L1)
            return m_reader.fail(where + u".role"_s, u"must be user or assistant"_s);
        const QJsonValue content = value["content"_L1];
        m_text.clear();
        m_reasoning.clear();
        m_calls = {};
        m_results = {};
        if (content.isString())
            m_text = content.toString();
        else if (content.isArray())
            readBlocks(where + u".content"_s, content.toArray(), role);
        else
            m_reader.fail(where + u".content"_s, u"must be a string or a list of blocks"_s);
        // A template wants results right behind the calls.
        for (const QJsonValue &result : std::as_const(m_results)) m_messages.append(result);
        if (m_text.isEmpty() && m_calls.isEmpty() && !m_results.isEmpty()) return;
        QJsonObject message{{u"role"_s, role}, {u"content"_s, m_text}};
        if (!m_reasoning.isEmpty()) message.insert(u"reasoning_content"_s, m_reasoning);
        if (!m_calls.isEmpty()) message.insert(u"tool_calls"_s, m_calls);
        m_messages.append(message);
    }

private:
    void readBlocks(const QString &where, const QJsonArray &blocks, const QString &role) {
        for (qsizetype i = 0; i < blocks.size() && m_reader.ok(); ++i) {
            const QString place = u"%1[%2]"_s.arg(where).arg(i);
            const QJsonValue block = blocks[i];
            const QString type = block["type"_L1].toString();
            if (type == "text"_L1) {
                if (!m_text.isEmpty()) m_text += u'\n';
                m_text += stringOf(m_reader, place + u".text"_s, block["text"_L1]);
            } else if (type == "thinking"_L1 && role == "assistant"_L1) {
                m_reasoning += stringOf(m_reader, place + u".thinking"_s, block["thinking"_L1]);
            } else if (type == "tool_use"_L1 && role == "assistant"_L1) {
                if (!block["name"_L1].isString() || !block["id"_L1].isString())
                    return m_reader.fail(place, u"must have an id and a name"_s);
                if (!block["input"_L1].isObject()) return m_reader.fail(place + u".input"_s, u"must be an object"_s);
                const QByteArray arguments = QJsonDocument(block["input"_L1].toObject()).toJson(QJsonDocument::Compact);
                m_calls.append(QJsonObject{{u"id"_s, block["id"_L1]},
                                           {u"type"_s, u"function"_s},
                                           {u"function"_s, QJsonObject{{u"name"_s, block["name"_L1]},
                                                                       {u"arguments"_s, QString::fromUtf8(arguments)}}}});
            } else if (type == "tool_result"_L1 && role == "user"_L1) {
                if (!block["tool_use_id"_L1].isString()) return m_reader.fail(place + u".tool_use_id"_s, u"must be a string"_s);
                const QJsonValue content = block["content"_L1];
                const QString text =
                    content.isUndefined() || content.isNull() ? QString() : textOf(m_reader, place + u".content"_s, content);
                m_results.append(
                    QJsonObject{{u"role"_s, u"tool"_s}, {u"tool_call_id"_s, block["tool_use_id"_L1]}, {u"content"_s, text}});
            } else if (type != "redacted_thinking"_L1) {
                return m_reader.fail(place + u".type"_s, u"'%1' is not supported by this server"_s.arg(type.left(40)));
            }
        }
    }

    JsonReader &m_reader;
    QJsonArray &m_messages;
    QString m_text, m_reasoning;
    QJsonArray m_calls, m_results;
};

/// Their tools as OpenAI's.
QJsonArray readTools(JsonReader &reader) {
    QJsonArray tools;
    const QJsonArray given = reader.array("tools"_L1).value_or(QJsonArray());
    for (qsizetype i = 0; i < given.size() && reader.ok(); ++i) {
        const QJsonValue tool = given[i];
        const QString where = u"tools[%1]"_s.arg(i), type = tool["type"_L1].toString(u"custom"_s);
        if (type != "custom"_L1) reader.fail(where + u".type"_s, u"'%1' is not supported by this server"_s.arg(type.left(40)));
        if (!tool["name"_L1].isString()) reader.fail(where + u".name"_s, u"must be a string"_s);
        QJsonObject function{{u"name"_s, tool["name"_L1]}, {u"parameters"_s, tool["input_schema"_L1].toObject()}};
        if (tool["description"_L1].isString()) function.insert(u"description"_s, tool["description"_L1]);
        tools.append(QJsonObject{{u"type"_s, u"function"_s}, {u"function"_s, function}});
    }
    return tools;
}

/// What `tool_choice` asks for; nothing where tools may not be used.
std::optional<CallChoice> readChoice(JsonReader &reader) {
    const QJsonObject object = reader.object("tool_choice"_L1).value_or(QJsonObject());
    const QString type = object.value("type"_L1).toString(u"auto"_s);
    CallChoice choice{.forced = type == "any"_L1 || type == "tool"_L1,
                      .parallel = !object.value("disable_parallel_tool_use"_L1).toBool()};
    if (type == "none"_L1) return {};
    if (!choice.forced && type != "auto"_L1) reader.fail(u"tool_choice"_s, u"must be one of auto, any, tool, none"_s);
    if (type == "tool"_L1) {
        choice.name = object.value("name"_L1).toString();
        if (choice.name.isEmpty()) reader.fail(u"tool_choice.name"_s, u"must be a string"_s);
    }
    return choice;
}

void readForm(JsonReader &reader, openai::ChatRequest &request, const QByteArray &written) {
    const auto read = [&](const QString &field, const QJsonValue &format, const QStringList &path) {
        if (!format.isUndefined() && !format.isNull())
            request.common.form = openai::readFormat(reader, field, format["type"_L1].toString(), format, path, written);
    };
    read(u"output_format"_s, reader.value("output_format"_L1), {u"output_format"_s});
    read(u"output_config.format"_s, reader.object("output_config"_L1).value_or(QJsonObject()).value("format"_L1),
         {u"output_config"_s, u"format"_s});
}

void readStops(JsonReader &reader, engine::StopConditions &stop) {
    const QJsonArray words = reader.array("stop_sequences"_L1).value_or(QJsonArray());
    if (words.size() > maxStops) reader.fail(u"stop_sequences"_s, u"must have at most %1 strings"_s.arg(maxStops));
    for (const QJsonValue &word : words) {
        if (word.toString().isEmpty() || word.toString().size() > maxStopLength)
            return reader.fail(u"stop_sequences"_s, u"must hold strings of 1 to %1 characters"_s.arg(maxStopLength));
        stop.stop_strings.push_back(word.toString().toStdString());
    }
}

}  // namespace

Result<openai::ChatRequest> readMessagesRequest(const QJsonObject &body, const QByteArray &written, bool needsLimit) {
    JsonReader reader(body);
    openai::ChatRequest request;
    reader.require("model"_L1);
    request.common.model = reader.string("model"_L1, 1024);
    if (needsLimit) reader.require("max_tokens"_L1);
    request.common.stop.max_new_tokens = reader.integer("max_tokens"_L1, 1).value_or(0);
    request.common.stream = reader.boolean("stream"_L1, false);
    request.common.sampling.temperature = reader.number("temperature"_L1, 0, 1).value_or(1.0);
    request.common.sampling.top_p = std::max(reader.number("top_p"_L1, 0, 1).value_or(1.0), 1e-9);
    request.common.sampling.top_k = std::max<qint64>(reader.integer("top_k"_L1, 0).value_or(0), 0);
    readStops(reader, request.common.stop);
    if (reader.has("system"_L1)) {
        const QString system = textOf(reader, u"system"_s, reader.value("system"_L1));
        if (!system.isEmpty()) request.input.messages.append(QJsonObject{{u"role"_s, u"system"_s}, {u"content"_s, system}});
    }
    reader.require("messages"_L1);
    const QJsonArray given = reader.array("messages"_L1).value_or(QJsonArray());
    if (given.isEmpty()) reader.fail(u"messages"_s, u"must not be empty"_s);
    MessageReader messages(reader, request.input.messages);
    for (qsizetype i = 0; i < given.size() && reader.ok(); ++i) messages.read(u"messages[%1]"_s.arg(i), given[i]);
    const QJsonArray tools = readTools(reader);
    if (const auto choice = readChoice(reader)) {
        request.input.tools = tools;
        request.common.calls = *choice;
    }
    openai::checkForced(reader, u"tool_choice"_s, request.common.calls, request.input.tools);
    readForm(reader, request, written);
    // What the assistant has begun to say it goes on with.
    request.input.continuesLast = openai::endsWithAnswer(request.input.messages);
    request.input.written = written;
    request.input.writtenMessages = false;
    if (const auto thinking = reader.object("thinking"_L1))
        request.input.variables.insert(u"enable_thinking"_s, thinking->value("type"_L1) == "enabled"_L1);
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::anthropic
