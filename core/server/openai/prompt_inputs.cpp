#include "core/server/openai/prompt_inputs.h"

namespace millm::openai {

using http::JsonReader;
using namespace Qt::StringLiterals;

namespace {

PromptInput fromText(const QString &text, bool special) {
    return TextInput{text, special};
}

}  // namespace

QList<PromptInput> readPrompts(JsonReader &reader, QLatin1StringView field) {
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

}  // namespace millm::openai
