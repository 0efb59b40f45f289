#include "core/server/openai/completion_request.h"

#include "core/server/openai/prompt_inputs.h"

namespace millm::openai {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

bool isEmptyText(const QJsonValue &value) {
    return value.isString() && value.toString().isEmpty();
}

/// Known fields without a meaning here. Append a row.
constexpr UnsupportedField unsupportedInCompletions[] = {
    {"suffix"_L1, isEmptyText},
    {"use_beam_search"_L1, isFalse},
    {"prompt_embeds"_L1, never},
};

}  // namespace

Result<CompletionRequest> readCompletionRequest(const QJsonObject &body, const QByteArray &written) {
    JsonReader reader(body);
    CompletionRequest request;
    request.common = readCommon(reader, 0, written);
    refuseUnsupported(reader, unsupportedInCompletions);
    request.prompts = readPrompts(reader, "prompt"_L1);
    request.echo = reader.boolean("echo"_L1, false);
    request.logprobs = static_cast<int>(reader.integer("logprobs"_L1, 0, 5).value_or(-1));
    request.promptLogprobs = static_cast<int>(reader.integer("prompt_logprobs"_L1, 0, 20).value_or(-1));
    if (request.promptLogprobs >= 0 && request.common.stream)
        reader.fail(u"prompt_logprobs"_s, u"comes with whole answers, not with 'stream'"_s);
    if (const auto best = reader.integer("best_of"_L1, 1); best && *best != request.common.n) {
        reader.fail(u"best_of"_s, u"is not supported by this server unless it is n"_s);
    }
    if (request.prompts.size() * request.common.n > maxPrompts) {
        reader.fail(u"n"_s, u"times the prompts must be at most %1"_s.arg(maxPrompts));
    }
    // For the engine 0 means "what is left of the context": one token is made and not shown.
    const auto newer = "max_completion_tokens"_L1;
    request.noTokens = http::wholeNumber(reader.value(reader.has(newer) ? newer : "max_tokens"_L1)) == 0;
    if (request.noTokens) request.common.stop.max_new_tokens = 1;
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::openai
