#include "core/server/ollama/ollama_request.h"

#include "core/server/http/json_reader.h"
#include "core/server/openai/answer_form.h"
#include "core/server/openai/tool_fields.h"

#include <limits>

namespace millm::ollama {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype maxStops = 64, maxStopLength = 4096;

void readStops(JsonReader &options, engine::StopConditions &stop) {
    if (!options.has("stop"_L1)) return;
    const QJsonValue value = options.value("stop"_L1);
    if (!value.isString() && !value.isArray()) return options.fail(u"stop"_s, u"must be a string or a list of strings"_s);
    const QJsonArray words = value.isString() ? QJsonArray{value} : value.toArray();
    if (words.size() > maxStops) options.fail(u"stop"_s, u"must have at most %1 strings"_s.arg(maxStops));
    for (const QJsonValue &word : words) {
        if (word.toString().isEmpty() || word.toString().size() > maxStopLength)
            return options.fail(u"stop"_s, u"must hold strings of 1 to %1 characters"_s.arg(maxStopLength));
        stop.stop_strings.push_back(word.toString().toStdString());
    }
}

/// What chats and texts are asked alike. Ollama's own defaults.
void readCommon(JsonReader &reader, openai::ChatRequest &request, const QByteArray &written) {
    auto &[model, sampling, stop, n, stream, includeUsage, returnTokenIds, skipSpecialTokens, form, calls] = request.common;
    reader.require("model"_L1);
    model = modelName(reader.string("model"_L1, 1024));
    stream = reader.boolean("stream"_L1, true);
    const QJsonValue format = reader.value("format"_L1);
    if (format == "json"_L1)
        form = openai::objectForm(u"format"_s);
    else if (format.isObject())
        form = openai::schemaForm(u"format"_s, format, {u"format"_s}, written);
    else if (reader.has("format"_L1) && format != QString())
        reader.fail(u"format"_s, u"must be 'json' or a JSON schema"_s);
    const QJsonValue think = reader.value("think"_L1);
    if (think.isBool()) {
        request.input.variables.insert(u"enable_thinking"_s, think);
    } else if (think.isString()) {
        request.input.variables.insert(u"reasoning_effort"_s, think);
    } else if (reader.has("think"_L1)) {
        reader.fail(u"think"_s, u"must be true, false or an effort"_s);
    }
    JsonReader options(reader.object("options"_L1).value_or(QJsonObject()), u"options."_s);
    sampling.temperature = options.number("temperature"_L1, 0, 2).value_or(0.8);
    sampling.top_p = std::max(options.number("top_p"_L1, 0, 1).value_or(0.9), 1e-9);
    sampling.top_k = std::max<qint64>(options.integer("top_k"_L1, -1, std::numeric_limits<qint32>::max()).value_or(40), 0);
    sampling.min_p = options.number("min_p"_L1, 0, 1).value_or(0.0);
    sampling.typical_p = std::max(options.number("typical_p"_L1, 0, 1).value_or(1.0), 1e-9);
    sampling.repetition_penalty = options.number("repeat_penalty"_L1, 0.01, 10).value_or(1.0);
    sampling.presence_penalty = options.number("presence_penalty"_L1, -2, 2).value_or(0.0);
    sampling.frequency_penalty = options.number("frequency_penalty"_L1, -2, 2).value_or(0.0);
    if (const auto seed = options.integer("seed"_L1, std::numeric_limits<qint64>::min()); seed && *seed != 0)
        sampling.seed = std::uint64_t(*seed);
    // -1 and -2: as much as the context holds.
    stop.max_new_tokens = std::max<qint64>(options.integer("num_predict"_L1, -2).value_or(-1), 0);
    readStops(options, stop);
    if (!options.ok()) {
        const QString field = options.error().details.value("field"_L1).toString();
        reader.fail(field, u"is not what it should be: %1"_s.arg(options.error().message));
    }
}

/// Their calls have no ids, and their arguments are objects.
QJsonArray callsOf(JsonReader &reader, const QString &where, const QJsonArray &given) {
    QJsonArray calls;
    for (const QJsonValue &call : given) {
        const QJsonValue function = call["function"_L1];
        if (!function["name"_L1].isString()) {
            reader.fail(where, u"must have a function with a name"_s);
            return {};
        }
        calls.append(QJsonObject{{u"id"_s, openai::newCallId()},
                                 {u"type"_s, u"function"_s},
                                 {u"function"_s, QJsonObject{{u"name"_s, function["name"_L1]},
                                                             {u"arguments"_s, function["arguments"_L1].toObject()}}}});
    }
    return calls;
}

QJsonObject messageOf(JsonReader &reader, const QString &where, const QJsonValue &value) {
    const QString role = value["role"_L1].toString();
    if (role != "system"_L1 && role != "user"_L1 && role != "assistant"_L1 && role != "tool"_L1)
        reader.fail(where + u".role"_s, u"must be one of system, user, assistant, tool"_s);
    if (!value["images"_L1].toArray().isEmpty()) reader.fail(where + u".images"_s, u"is not supported by this server"_s);
    QJsonObject message{{u"role"_s, role}, {u"content"_s, value["content"_L1].toString()}};
    if (role == "tool"_L1) {
        message.insert(u"tool_call_id"_s, value["tool_call_id"_L1].toString());
        for (const auto name : {"tool_name"_L1, "name"_L1})
            if (value[name].isString()) message.insert(u"name"_s, value[name]);
    }
    const QJsonArray calls = value["tool_calls"_L1].toArray();
    if (!calls.isEmpty()) message.insert(u"tool_calls"_s, callsOf(reader, where + u".tool_calls"_s, calls));
    if (value["thinking"_L1].isString()) message.insert(u"reasoning_content"_s, value["thinking"_L1]);
    return message;
}

}  // namespace

QString modelName(const QString &name) {
    return name.endsWith(":latest"_L1) ? name.chopped(7) : name;
}

Result<openai::ChatRequest> readChatRequest(const QJsonObject &body, const QByteArray &written) {
    JsonReader reader(body);
    openai::ChatRequest request;
    readCommon(reader, request, written);
    const QJsonArray given = reader.array("messages"_L1).value_or(QJsonArray());
    for (qsizetype i = 0; i < given.size() && reader.ok(); ++i)
        request.input.messages.append(messageOf(reader, u"messages[%1]"_s.arg(i), given[i]));
    const openai::ToolFields tools = openai::readTools(reader);
    request.input.tools = tools.tools;
    request.common.calls = tools.choice;
    request.input.continuesLast = openai::endsWithAnswer(request.input.messages);
    request.input.written = written;
    if (!reader.ok()) return reader.error();
    return request;
}

Result<openai::ChatRequest> readGenerateRequest(const QJsonObject &body, bool hasChatTemplate, const QByteArray &written) {
    JsonReader reader(body);
    openai::ChatRequest request;
    readCommon(reader, request, written);
    for (const auto field : {"suffix"_L1, "template"_L1})
        if (!reader.string(field).isEmpty()) reader.fail(field, u"is not supported by this server"_s);
    if (!reader.array("images"_L1).value_or(QJsonArray()).isEmpty())
        reader.fail(u"images"_s, u"is not supported by this server"_s);
    const QString prompt = reader.string("prompt"_L1), system = reader.string("system"_L1);
    if (reader.boolean("raw"_L1, false) || !hasChatTemplate) {
        request.text = TextInput{system.isEmpty() ? prompt : system + u'\n' + prompt, true};
    } else if (!prompt.isEmpty()) {
        if (!system.isEmpty()) request.input.messages.append(QJsonObject{{u"role"_s, u"system"_s}, {u"content"_s, system}});
        request.input.messages.append(QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, prompt}});
    }
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::ollama
