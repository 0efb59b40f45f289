#pragma once

#include "core/inference/requests.h"
#include "core/server/http/json_reader.h"

#include <QByteArray>
#include <QStringList>

#include <optional>

namespace millm::openai {

/// What an answer's text must be: OpenAI's `response_format`, `regex`, `choice` and `grammar`, vLLM's `structured_outputs` and
/// `guided_json` and its like, llama.cpp's `json_schema`. `written`: the text of the request, whose order of members a schema
/// keeps.
std::optional<AnswerForm> readAnswerForm(http::JsonReader &reader, const QByteArray &written);

/// OpenAI's two kinds of `format`, here of type json_object and json_schema; nothing for text. `schema`: the object with the
/// members `schema` and `strict`, which lies at `path` in the request.
std::optional<AnswerForm> readFormat(http::JsonReader &reader, const QString &field, const QString &type,
                                     const QJsonValue &schema, const QStringList &path, const QByteArray &written);

/// A form of this schema, which lies at `path` in the request.
AnswerForm schemaForm(const QString &field, const QJsonValue &schema, const QStringList &path, const QByteArray &written);
/// A form of any JSON object.
AnswerForm objectForm(const QString &field);

}  // namespace millm::openai
