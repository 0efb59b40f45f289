#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"
#include "core/inference/requests.h"

#include <QList>
#include <QString>

#include <cstdint>
#include <string_view>
#include <vector>

namespace millm {

/// Turns a prompt into token ids: renders the chat template, encodes text. Slow for long prompts, so never in the services
/// thread. InvalidRequest (also with the template's own words, and for messages to a model without a template).
/// `reasoningEnd` is told the mark that closes the reasoning inside of which the prompt of a chat ends.
Result<std::vector<std::int32_t>> encodePrompt(const engine::LanguageModel &model, const PromptInput &input,
                                               std::string_view *reasoningEnd = nullptr);

/// The text of ids, special tokens included. InvalidRequest for an id outside the vocabulary.
Result<QString> decodeTokens(const engine::LanguageModel &model, const QList<qint32> &ids);

}  // namespace millm
