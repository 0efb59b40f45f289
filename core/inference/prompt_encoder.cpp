#include "core/inference/prompt_encoder.h"

#include "core/base/errors.h"
#include "core/inference/answer_parser.h"
#include "core/inference/template_variables.h"
#include "core/inference/tool_prompt.h"

#include <algorithm>
#include <string>

namespace millm {

namespace {

using Ids = std::vector<std::int32_t>;
using namespace Qt::StringLiterals;

/// A text is measured before it is cut into tokens, which takes a hundred times its memory. Few tokens stand for so many bytes.
constexpr std::size_t bytesOfAnyText = 1 << 20, bytesOfToken = 16;

Result<Ids> encodeText(const engine::LanguageModel &model, std::string_view text, bool special) {
    const auto context = std::size_t(model.info().context_length);
    if (const std::size_t most = std::max(bytesOfAnyText, bytesOfToken * context); text.size() > most)
        return errors::fromEngine({engine::ErrorCode::ContextLength,
                                   "the text has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most) +
                                       " are read for a context of " + std::to_string(context) + " tokens",
                                   qint64(text.size()), qint64(most)});
    auto ids = model.tokenizer().encode(text, special);
    if (!ids) return errors::fromEngine(ids.error());
    return *std::move(ids);
}

/// A rendered chat without what the template writes behind its last message, whose content it may have trimmed.
Result<std::string> upToLast(const std::string &rendered, const std::string &content) {
    const auto trimmed = [](std::string_view text, bool end) {
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return std::string_view();
        text.remove_prefix(first);
        return end ? text.substr(0, text.find_last_not_of(" \t\r\n") + 1) : text;
    };
    const std::string_view bare = trimmed(content, true), opened = trimmed(content, false);
    const std::size_t at = rendered.rfind(bare);
    if (bare.empty() || at == std::string::npos)
        return errors::invalidRequest(
            QStringLiteral("messages"),
            QStringLiteral("The last message cannot be continued: the chat template does not show it."));
    const bool whole = rendered.compare(at, opened.size(), opened) == 0;
    return rendered.substr(0, at + (whole ? opened.size() : bare.size()));
}

Result<Ids> encode(const engine::LanguageModel &model, const ChatInput &input, std::string_view &reasoningEnd) {
    const engine::ChatTemplate *chat = model.chat_template();
    if (!chat)
        return errors::invalidRequest(
            QStringLiteral("messages"),
            QStringLiteral("The loaded model has no chat template: give it a prompt instead of messages."));
    auto text = chat->render(templateVariables(forTemplate(input, *chat)));
    if (!text) return errors::fromEngine(text.error());
    if (input.continuesLast) {
        auto open = upToLast(*text, input.messages.last()["content"_L1].toString().toStdString());
        if (!open) return open.error();
        text = *std::move(open);
    }
    reasoningEnd = AnswerParser::opened_reasoning(*text);
    // The template writes the special tokens itself.
    return encodeText(model, *text, false);
}

Result<Ids> encode(const engine::LanguageModel &model, const TextInput &input, std::string_view &) {
    const QByteArray text = input.text.toUtf8();
    return encodeText(model, std::string_view(text.constData(), std::size_t(text.size())), input.addSpecialTokens);
}

Result<Ids> encode(const engine::LanguageModel &, const TokenInput &input, std::string_view &) {
    return Ids(input.ids.begin(), input.ids.end());
}

}  // namespace

Result<Ids> encodePrompt(const engine::LanguageModel &model, const PromptInput &input, std::string_view *reasoningEnd) {
    std::string_view end;
    auto ids = std::visit([&](const auto &alternative) { return encode(model, alternative, end); }, input);
    if (reasoningEnd != nullptr) *reasoningEnd = end;
    return ids;
}

Result<QString> decodeTokens(const engine::LanguageModel &model, const QList<qint32> &ids) {
    const auto vocabulary = std::max<qint64>(model.info().vocab, qint64(model.tokenizer().vocab_size()));
    for (const qint32 id : ids)
        if (id < 0 || id >= vocabulary)
            return errors::invalidRequest(QStringLiteral("tokens"),
                                          QStringLiteral("Token %1 is outside the vocabulary of %2.").arg(id).arg(vocabulary));
    auto text = model.tokenizer().decode(std::span(ids.constData(), std::size_t(ids.size())), false);
    if (!text) return errors::fromEngine(text.error());
    return QString::fromUtf8(text->data(), qsizetype(text->size()));
}

}  // namespace millm
