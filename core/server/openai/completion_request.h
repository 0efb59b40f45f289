#pragma once

#include "core/base/error.h"
#include "core/server/openai/common_fields.h"

#include <QJsonObject>

namespace millm::openai {

struct CompletionRequest {
    CommonFields common;
    QList<PromptInput> prompts;  ///< TextInput or TokenInput
    int logprobs = -1;           ///< -1 none, else how many of the likeliest besides
    int promptLogprobs = -1;     ///< the same of the prompt's tokens, apart from the answer's (vLLM's)
    bool echo = false;
    bool noTokens = false;  ///< max_tokens: 0: only the prompt is scored
};

/// POST /v1/completions, checked. `written`: the text of `body`.
Result<CompletionRequest> readCompletionRequest(const QJsonObject &body, const QByteArray &written = {});

}  // namespace millm::openai
