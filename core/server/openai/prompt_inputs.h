#pragma once

#include "core/inference/requests.h"
#include "core/server/http/json_reader.h"

#include <QList>

namespace millm::openai {

/// What OpenAI's completions and embeddings take: a string, strings, token ids, or lists of ids.
inline constexpr qsizetype maxPrompts = 2048;
QList<PromptInput> readPrompts(http::JsonReader &reader, QLatin1StringView field);

}  // namespace millm::openai
