#include "core/server/openai/chat_request.h"

#include "core/server/openai/tool_fields.h"

namespace millm::openai {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

bool isEmptyList(const QJsonValue &value) {
    return value.isArray() && value.toArray().isEmpty();
}
/// With no tools, "auto" is "none".
bool isNoTool(const QJsonValue &value) {
    return value.toString() == "none"_L1 || value.toString() == "auto"_L1;
}
bool isTextOnly(const QJsonValue &value) {
    return value.toArray() == QJsonArray{u"text"_s};
}

/// Known fields without a meaning here. Append a row.
constexpr UnsupportedField unsupportedInChats[] = {
    {"functions"_L1, isEmptyList}, {"function_call"_L1, isNoTool},  {"modalities"_L1, isTextOnly},
    {"audio"_L1, never},           {"prediction"_L1, never},        {"web_search_options"_L1, never},
    {"echo"_L1, isFalse},          {"use_beam_search"_L1, isFalse}, {"prompt_logprobs"_L1, never},
    {"verbosity"_L1, never},       {"store"_L1, isFalse},           {"documents"_L1, isEmptyList},
};

/// A message's content: a string, or parts that are texts.
void checkContent(JsonReader &reader, const QString &where, const QJsonValue &content) {
    if (content.isString()) return;
    if (!content.isArray()) {
        reader.fail(where, u"must be a string or a list of text parts"_s);
        return;
    }
    const QJsonArray parts = content.toArray();
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const QString type = parts[i].toObject().value("type"_L1).toString();
        if (type != "text"_L1) {
            reader.fail(u"%1[%2].type"_s.arg(where).arg(i),
                        u"must be text: '%1' is not supported by this server"_s.arg(type.left(40)));
            return;
        }
        if (!parts[i].toObject().value("text"_L1).isString()) {
            reader.fail(u"%1[%2].text"_s.arg(where).arg(i), u"must be a string"_s);
            return;
        }
    }
}

QJsonObject readMessage(JsonReader &reader, const QJsonValue &value, qsizetype index) {
    const QString where = u"messages[%1]"_s.arg(index);
    if (!value.isObject()) {
        reader.fail(where, u"must be an object"_s);
        return {};
    }
    QJsonObject message = value.toObject();
    const QString role = message.value("role"_L1).toString();
    if (role == "developer"_L1) {
        message.insert("role"_L1, u"system"_s);
    } else if (role == "function"_L1) {
        reader.fail(where + u".role"_s, u"'function' is not supported by this server: use 'tool'"_s);
    } else if (role == "tool"_L1) {
        checkToolMessage(reader, where, message);
    } else if (role != "system"_L1 && role != "user"_L1 && role != "assistant"_L1) {
        reader.fail(where + u".role"_s, u"must be one of system, developer, user, assistant, tool"_s);
    }
    for (const auto field : {"function_call"_L1, "audio"_L1}) {
        const QJsonValue value = message.value(field);
        if (!value.isUndefined() && !value.isNull()) reader.fail(where + u'.' + field, u"is not supported by this server"_s);
        message.remove(field);
    }
    const QJsonValue name = message.value("name"_L1);
    if (!name.isString() && !name.isNull() && !name.isUndefined()) reader.fail(where + u".name"_s, u"must be a string"_s);
    const QJsonValue calls = message.value("tool_calls"_L1);
    if (calls.isUndefined() || calls.isNull() || isEmptyList(calls)) {
        message.remove("tool_calls"_L1);
    } else {
        if (role != "assistant"_L1) reader.fail(where + u".tool_calls"_s, u"is for the assistant's messages"_s);
        checkToolCalls(reader, where + u".tool_calls"_s, calls);
        // A message that has only calls.
        const QJsonValue content = message.value("content"_L1);
        if (content.isUndefined() || content.isNull()) return message;
    }
    checkContent(reader, where + u".content"_s, message.value("content"_L1));
    return message;
}

}  // namespace

bool endsWithAnswer(const QJsonArray &messages) {
    const QJsonValue last = messages.isEmpty() ? QJsonValue() : messages.last();
    return last["role"_L1] == "assistant"_L1 && !last["content"_L1].toString().trimmed().isEmpty() &&
           last["tool_calls"_L1].toArray().isEmpty();
}

QJsonArray readMessages(JsonReader &reader) {
    reader.require("messages"_L1);
    const QJsonArray given = reader.array("messages"_L1).value_or(QJsonArray());
    if (given.isEmpty()) reader.fail(u"messages"_s, u"must not be empty"_s);
    QJsonArray messages;
    for (qsizetype i = 0; i < given.size() && reader.ok(); ++i) messages.append(readMessage(reader, given[i], i));
    return messages;
}

Result<ChatRequest> readChatRequest(const QJsonObject &body, const QByteArray &written) {
    JsonReader reader(body);
    ChatRequest request;
    request.common = readCommon(reader, 1, written);
    refuseUnsupported(reader, unsupportedInChats);
    request.input.messages = readMessages(reader);
    request.input.written = written;
    const ToolFields tools = readTools(reader);
    request.input.tools = tools.tools;
    request.common.calls = tools.choice;
    request.input.addGenerationPrompt = reader.boolean("add_generation_prompt"_L1, true);
    request.input.continuesLast = reader.boolean("continue_final_message"_L1, false);
    if (request.input.continuesLast && !endsWithAnswer(request.input.messages))
        reader.fail(u"continue_final_message"_s, u"needs a last message of the assistant, with a text"_s);
    if (request.input.continuesLast && reader.value("add_generation_prompt"_L1).toBool())
        reader.fail(u"continue_final_message"_s, u"does not go with add_generation_prompt: true"_s);
    if (const auto variables = reader.object("chat_template_kwargs"_L1)) request.input.variables = *variables;
    // Templates that know an effort take it under this name; others do not look.
    if (reader.has("reasoning_effort"_L1))
        request.input.variables.insert("reasoning_effort"_L1, reader.string("reasoning_effort"_L1, 40));
    constexpr std::pair<QLatin1StringView, bool> formats[] = {{"auto"_L1, true}, {"deepseek"_L1, true}, {"none"_L1, false}};
    request.splitsReasoning = reader.choice<bool>("reasoning_format"_L1, formats).value_or(true);
    const bool logprobs = reader.boolean("logprobs"_L1, false);
    const auto top = reader.integer("top_logprobs"_L1, 0, 20);
    if (top && !logprobs) reader.fail(u"top_logprobs"_s, u"only goes with logprobs: true"_s);
    if (logprobs) request.topLogprobs = static_cast<int>(top.value_or(0));
    if (!reader.ok()) return reader.error();
    const CommonFields &common = request.common;
    if (const auto many = checkScores(common.n * common.stop.max_new_tokens, request.topLogprobs); many && !common.stream)
        return *many;
    return request;
}

}  // namespace millm::openai
