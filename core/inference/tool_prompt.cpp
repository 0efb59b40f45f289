#include "core/inference/tool_prompt.h"

#include "core/inference/template_variables.h"

#include <QJsonDocument>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

const QJsonArray &sampleTools() {
    static const QJsonArray tools{
        QJsonObject{{u"type"_s, u"function"_s},
                    {u"function"_s,
                     QJsonObject{{u"name"_s, u"look_up"_s},
                                 {u"description"_s, u"Looks something up."_s},
                                 {u"parameters"_s, QJsonObject{{u"type"_s, u"object"_s}, {u"properties"_s, QJsonObject()}}}}}}};
    return tools;
}

/// Whether a prompt looks different with tools.
bool knowsTools(const engine::ChatTemplate &chat) {
    ChatInput sample;
    sample.messages = {QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Hello"_s}}};
    const auto without = chat.render(templateVariables(sample));
    sample.tools = sampleTools();
    const auto with = chat.render(templateVariables(sample));
    return with && (!without || *with != *without);
}

bool mentionsCalls(const QJsonArray &messages) {
    return std::any_of(messages.begin(), messages.end(), [](const QJsonValue &message) {
        return message["role"_L1] == "tool"_L1 || !message["tool_calls"_L1].toArray().isEmpty();
    });
}

QString textOf(const QJsonValue &content) {
    if (content.isString()) return content.toString();
    QString text;
    for (const QJsonValue &part : content.toArray()) text += part["text"_L1].toString();
    return text;
}

QString json(const QJsonArray &list) {
    return QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact));
}

QString description(const QJsonArray &tools) {
    QJsonArray functions;
    for (const QJsonValue &tool : tools) functions.append(tool["function"_L1]);
    return u"You can call functions. They are, with the JSON schemas of their parameters:\n%1\nTo call some of them, answer "
           u"with "
           "nothing but JSON of the form {\"tool_calls\": [{\"name\": \"a name\", \"arguments\": {}}]}. You are then told their results."_s
               .arg(json(functions));
}

/// Calls as the assistant's own JSON, results as messages of the user.
QJsonArray written(const QJsonArray &messages) {
    QHash<QString, QString> names;
    QJsonArray result;
    for (const QJsonValue &value : messages) {
        QJsonObject message = value.toObject();
        const QJsonArray calls = message.value("tool_calls"_L1).toArray();
        if (!calls.isEmpty()) {
            QJsonArray list;
            for (const QJsonValue &call : calls) {
                const QJsonValue function = call["function"_L1];
                names.insert(call["id"_L1].toString(), function["name"_L1].toString());
                const QJsonValue given = function["arguments"_L1];
                const QJsonObject arguments =
                    given.isObject() ? given.toObject() : QJsonDocument::fromJson(given.toString().toUtf8()).object();
                list.append(QJsonObject{{u"name"_s, function["name"_L1]}, {u"arguments"_s, arguments}});
            }
            const QString text = textOf(message.value("content"_L1));
            const QString call =
                QString::fromUtf8(QJsonDocument(QJsonObject{{u"tool_calls"_s, list}}).toJson(QJsonDocument::Compact));
            message = {{u"role"_s, u"assistant"_s}, {u"content"_s, text.isEmpty() ? call : text + u'\n' + call}};
        } else if (message.value("role"_L1) == "tool"_L1) {
            const QString name = names.value(message.value("tool_call_id"_L1).toString());
            const QString text =
                u"Result of %1:\n%2"_s.arg(name.isEmpty() ? u"the call"_s : name, textOf(message.value("content"_L1)));
            // Templates want roles to take turns: results of one answer's calls are one message.
            if (!result.isEmpty() && result.last()["role"_L1] == "user"_L1) {
                QJsonObject last = result.last().toObject();
                last.insert("content"_L1, textOf(last.value("content"_L1)) + u"\n\n"_s + text);
                result.replace(result.size() - 1, last);
                continue;
            }
            message = {{u"role"_s, u"user"_s}, {u"content"_s, text}};
        }
        result.append(message);
    }
    return result;
}

}  // namespace

ChatInput forTemplate(const ChatInput &input, const engine::ChatTemplate &chat) {
    if ((input.tools.isEmpty() && !mentionsCalls(input.messages)) || knowsTools(chat)) return input;
    ChatInput plain = input;
    plain.tools = {};
    plain.messages = written(input.messages);
    if (input.tools.isEmpty()) return plain;
    const QString told = description(input.tools);
    QJsonObject first = plain.messages.first().toObject();
    if (first.value("role"_L1) == "system"_L1) {
        first.insert("content"_L1, textOf(first.value("content"_L1)) + u"\n\n"_s + told);
        plain.messages.replace(0, first);
        return plain;
    }
    // Not all templates take a system message.
    ChatInput withSystem = plain;
    withSystem.messages.prepend(QJsonObject{{u"role"_s, u"system"_s}, {u"content"_s, told}});
    if (const auto text = chat.render(templateVariables(withSystem));
        text && text->find(told.left(24).toStdString()) != std::string::npos)
        return withSystem;
    first.insert("content"_L1, told + u"\n\n"_s + textOf(first.value("content"_L1)));
    plain.messages.replace(0, first);
    return plain;
}

}  // namespace millm
