#include "core/server/openai/answer_form.h"

#include "core/engine/input/json_value.h"

#include <QJsonDocument>

namespace millm::openai {
namespace {

using engine::Grammar;
using engine::JsonValue;
using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype longestGrammar = 1 << 20, mostChoices = 4096;

bool isSchema(const QJsonValue &value) {
    return value.isObject() || value.isBool();
}

std::optional<AnswerForm> text(JsonReader &reader, const QString &field, Grammar::Kind kind, const QJsonValue &value) {
    if (!value.isString() || value.toString().isEmpty() || value.toString().size() > longestGrammar) {
        reader.fail(field, u"must be a string of 1 to %1 characters"_s.arg(longestGrammar));
        return {};
    }
    if (kind == Grammar::Kind::Lark && value.toString().contains("::="_L1)) {
        reader.fail(field, u"must be written as Lark has it, from a rule 'start: …'; GBNF is not supported by this server"_s);
        return {};
    }
    return AnswerForm{field, kind, value.toString().toUtf8()};
}

std::optional<AnswerForm> choices(JsonReader &reader, const QString &field, const QJsonValue &value) {
    const QJsonArray words = value.toArray();
    if (words.isEmpty() || words.size() > mostChoices) {
        reader.fail(field, u"must be a list of 1 to %1 strings"_s.arg(mostChoices));
        return {};
    }
    // A terminal, not a rule: a rule's row holds fewer alternatives than a list may have.
    QByteArray terminal;
    for (const QJsonValue &word : words) {
        if (word.toString().isEmpty()) {
            reader.fail(field, u"must hold strings that are not empty"_s);
            return {};
        }
        terminal += (terminal.isEmpty() ? "start: CHOICE\nCHOICE: " : " | ") +
                    QByteArray::fromStdString(JsonValue(word.toString().toStdString()).dump());
    }
    return AnswerForm{field, Grammar::Kind::Lark, terminal};
}

std::optional<AnswerForm> schema(JsonReader &reader, const QString &field, QJsonValue value, const QStringList &path,
                                 const QByteArray &written) {
    if (value.isString()) {
        // Some clients send it as text.
        const QByteArray given = value.toString().toUtf8();
        if (!QJsonDocument::fromJson(given).isObject()) {
            reader.fail(field, u"must be a JSON schema"_s);
            return {};
        }
        return AnswerForm{field, Grammar::Kind::JsonSchema, given};
    }
    if (!isSchema(value)) {
        reader.fail(field, u"must be a JSON schema"_s);
        return {};
    }
    return schemaForm(field, value, path, written);
}

/// What vLLM's four kinds are called.
std::optional<AnswerForm> kinds(JsonReader &reader, const QJsonObject &object, const QString &prefix, const QStringList &path,
                                const QByteArray &written) {
    std::optional<AnswerForm> form;
    int given = 0;
    const auto has = [&](QLatin1StringView key) {
        const QJsonValue value = object.value(prefix + key);
        if (value.isUndefined() || value.isNull()) return false;
        ++given;
        return true;
    };
    const auto name = [&](QLatin1StringView key) { return (path + QStringList{prefix + key}).join(u'.'); };
    const auto value = [&](QLatin1StringView key) { return object.value(prefix + key); };
    if (has("json"_L1))
        form = schema(reader, name("json"_L1), value("json"_L1), path + QStringList{prefix + u"json"_s}, written);
    if (has("regex"_L1)) form = text(reader, name("regex"_L1), Grammar::Kind::Regex, value("regex"_L1));
    if (has("choice"_L1)) form = choices(reader, name("choice"_L1), value("choice"_L1));
    if (has("grammar"_L1)) form = text(reader, name("grammar"_L1), Grammar::Kind::Lark, value("grammar"_L1));
    if (given > 1) reader.fail(path.isEmpty() ? u"guided_json"_s : path.last(), u"must ask for one form, not %1"_s.arg(given));
    return form;
}

}  // namespace

AnswerForm schemaForm(const QString &field, const QJsonValue &schema, const QStringList &path, const QByteArray &written) {
    // A document is a list or an object, a schema may be true.
    const QByteArray text = QJsonDocument(QJsonArray{schema}).toJson(QJsonDocument::Compact).chopped(1).sliced(1);
    return {.field = field, .kind = Grammar::Kind::JsonSchema, .text = text, .written = written, .path = path};
}

AnswerForm objectForm(const QString &field) {
    return {field, Grammar::Kind::JsonSchema, R"({"type": "object"})"};
}

std::optional<AnswerForm> readFormat(JsonReader &reader, const QString &field, const QString &type, const QJsonValue &schema,
                                     const QStringList &path, const QByteArray &written) {
    if (type == "text"_L1) return {};
    if (type == "json_object"_L1) return objectForm(field);
    if (type != "json_schema"_L1) {
        reader.fail(field + u".type"_s, u"must be one of text, json_object, json_schema"_s);
        return {};
    }
    if (!isSchema(schema["schema"_L1])) {
        reader.fail((path + QStringList{u"schema"_s}).join(u'.'), u"must be a JSON schema"_s);
        return {};
    }
    AnswerForm form = schemaForm(field, schema["schema"_L1], path + QStringList{u"schema"_s}, written);
    form.strict = schema["strict"_L1].toBool();
    return form;
}

std::optional<AnswerForm> readAnswerForm(JsonReader &reader, const QByteArray &written) {
    QList<AnswerForm> forms;
    const auto add = [&](std::optional<AnswerForm> form) {
        if (form) forms.append(*std::move(form));
    };
    if (const auto format = reader.object("response_format"_L1))
        add(readFormat(reader, u"response_format"_s, format->value("type"_L1).toString(), format->value("json_schema"_L1),
                       {u"response_format"_s, u"json_schema"_s}, written));
    if (const auto outputs = reader.object("structured_outputs"_L1))
        add(kinds(reader, *outputs, {}, {u"structured_outputs"_s}, written));
    add(kinds(reader, reader.all(), u"guided_"_s, {}, written));
    if (reader.has("json_schema"_L1))
        add(schema(reader, u"json_schema"_s, reader.value("json_schema"_L1), {u"json_schema"_s}, written));
    if (reader.has("regex"_L1)) add(text(reader, u"regex"_s, Grammar::Kind::Regex, reader.value("regex"_L1)));
    if (reader.has("choice"_L1)) add(choices(reader, u"choice"_s, reader.value("choice"_L1)));
    if (reader.has("grammar"_L1)) add(text(reader, u"grammar"_s, Grammar::Kind::Lark, reader.value("grammar"_L1)));
    if (forms.size() > 1)
        reader.fail(forms.last().field, u"cannot go with '%1': an answer has one form"_s.arg(forms.first().field));
    if (forms.isEmpty()) return {};
    return forms.first();
}

}  // namespace millm::openai
