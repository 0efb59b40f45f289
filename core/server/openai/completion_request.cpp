#include "core/server/openai/completion_request.h"

namespace millm::openai {
namespace {

using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype maxPrompts = 2048;

bool isEmptyText(const QJsonValue &value) {
    return value.isString() && value.toString().isEmpty();
}

/// Known fields without a meaning here. Append a row.
constexpr UnsupportedField unsupportedInCompletions[] = {
    {"suffix"_L1, isEmptyText},       {"response_format"_L1, isText},  {"guided_json"_L1, never},
    {"guided_regex"_L1, never},       {"guided_choice"_L1, never},     {"guided_grammar"_L1, never},
    {"structured_outputs"_L1, never}, {"use_beam_search"_L1, isFalse}, {"min_tokens"_L1, isZero},
    {"prompt_logprobs"_L1, never},    {"prompt_embeds"_L1, never},
};

PromptInput fromText(const QString &text, bool special) {
    return TextInput{text, special};
}

/// A string, strings, token ids, or lists of ids.
QList<PromptInput> readPrompts(JsonReader &reader) {
    const auto field = "prompt"_L1;
    const bool special = reader.boolean("add_special_tokens"_L1, true);
    const auto wrong = [&] {
        reader.fail(field, u"must be a string, a list of strings, a list of token ids, or a list of such lists"_s);
        return QList<PromptInput>();
    };
    if (!reader.require(field)) return {};
    const QJsonValue prompt = reader.value(field);
    if (prompt.isString()) return {fromText(prompt.toString(), special)};
    if (!prompt.isArray() || prompt.toArray().isEmpty()) return wrong();
    const QJsonArray list = prompt.toArray();
    if (list.first().isDouble()) {
        const auto ids = http::tokenIds(list);
        return ids ? QList<PromptInput>{TokenInput{*ids}} : wrong();
    }
    if (list.size() > maxPrompts) {
        reader.fail(field, u"must have at most %1 prompts, not %2"_s.arg(maxPrompts).arg(list.size()));
        return {};
    }
    QList<PromptInput> prompts;
    for (const QJsonValue &item : list) {
        const auto ids = item.isArray() ? http::tokenIds(item.toArray()) : std::nullopt;
        if (item.isString() && list.first().isString())
            prompts.append(fromText(item.toString(), special));
        else if (ids && !ids->isEmpty() && list.first().isArray())
            prompts.append(TokenInput{*ids});
        else
            return wrong();
    }
    return prompts;
}

}  // namespace

Result<CompletionRequest> readCompletionRequest(const QJsonObject &body) {
    JsonReader reader(body);
    CompletionRequest request;
    request.common = readCommon(reader, 0);
    refuseUnsupported(reader, unsupportedInCompletions);
    request.prompts = readPrompts(reader);
    request.echo = reader.boolean("echo"_L1, false);
    request.logprobs = static_cast<int>(reader.integer("logprobs"_L1, 0, 5).value_or(-1));
    if (const auto best = reader.integer("best_of"_L1, 1); best && *best != request.common.n) {
        reader.fail(u"best_of"_s, u"is not supported by this server unless it is n"_s);
    }
    if (request.prompts.size() * request.common.n > maxPrompts) {
        reader.fail(u"n"_s, u"times the prompts must be at most %1"_s.arg(maxPrompts));
    }
    // For the engine 0 means "what is left of the context": one token is made and not shown.
    const bool asked = reader.has("max_tokens"_L1) || reader.has("max_completion_tokens"_L1);
    request.noTokens = asked && request.common.stop.max_new_tokens == 0;
    if (request.noTokens) request.common.stop.max_new_tokens = 1;
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::openai
