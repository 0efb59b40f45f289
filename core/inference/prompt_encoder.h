#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"
#include "core/inference/requests.h"

#include <QList>
#include <QString>

#include <cstdint>
#include <vector>

namespace millm {

/// Turns a prompt into token ids: renders the chat template, encodes text. Slow for long prompts, so never in the services
/// thread. InvalidRequest (also with the template's own words, and for messages to a model without a template).
/// `opensReasoning` is told whether the prompt of a chat ends inside of reasoning.
Result<std::vector<std::int32_t>> encodePrompt(const engine::LanguageModel &model, const PromptInput &input,
                                               bool *opensReasoning = nullptr);

/// The text of ids, special tokens included. InvalidRequest for an id outside the vocabulary.
Result<QString> decodeTokens(const engine::LanguageModel &model, const QList<qint32> &ids);

}  // namespace millm
