#pragma once

#include "core/engine/generation/options.h"
#include "core/inference/requests.h"
#include "core/server/http/json_reader.h"

#include <QString>

#include <optional>
#include <span>

namespace millm::openai {

/// What chat and text completions are asked alike.
struct CommonFields {
    QString model;
    engine::SamplingOptions sampling;
    engine::StopConditions stop;
    int n = 1;
    bool stream = false;
    bool includeUsage = false;    ///< stream_options.include_usage
    bool returnTokenIds = false;  ///< vLLM's
    bool skipSpecialTokens = true;
    std::optional<AnswerForm> form = {};
    CallChoice calls = {};  ///< of a chat's tools
};

/// Logprobs that one answer holds until it is sent whole; streams hold none.
inline constexpr qint64 mostScores = 1 << 18;
/// Too many of them: `tokens` with `top` others beside each.
std::optional<Error> checkScores(qint64 tokens, int top);

/// A field that is known and not supported, unless its value is what happens anyway.
struct UnsupportedField {
    QLatin1StringView name;
    bool (*harmless)(const QJsonValue &value);
};

// What `harmless` may be.
bool never(const QJsonValue &value);
bool isFalse(const QJsonValue &value);

/// Reads and checks them as OpenAI does. `leastTokens`: the smallest max_tokens allowed. `written`: the text of the request.
CommonFields readCommon(http::JsonReader &reader, qint64 leastTokens, const QByteArray &written);
void refuseUnsupported(http::JsonReader &reader, std::span<const UnsupportedField> fields);

/// The request of choice number `choice` for one prompt: the same for all, but for the seed.
GenerationRequest generationFor(const CommonFields &fields, PromptInput input, int choice);

}  // namespace millm::openai
