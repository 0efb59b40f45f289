#include "core/server/openai/openai_controller.h"

#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"
#include "core/server/model_choice.h"
#include "core/server/openai/answer_parts.h"
#include "core/server/openai/chat_answer.h"
#include "core/server/openai/chat_request.h"
#include "core/server/openai/completion_answer.h"
#include "core/server/openai/completion_request.h"
#include "core/server/openai/embedding_answer.h"
#include "core/server/openai/embedding_request.h"
#include "core/server/openai/responses_answer.h"
#include "core/server/openai/responses_request.h"
#include "core/server/openai/tool_fields.h"

namespace millm::openai {
namespace {

using http::Exchange;
using http::JsonReader;
using namespace Qt::StringLiterals;

Error notLoaded() {
    return {ErrorCode::ModelNotLoaded, u"No model is loaded."_s, {}};
}

/// What /tokenize is to turn into ids.
Result<PromptInput> readTokenizeInput(const Exchange &exchange) {
    JsonReader reader(exchange.json());
    const bool special = reader.boolean("add_special_tokens"_L1, true);
    PromptInput input;
    if (reader.has("messages"_L1) == reader.has("prompt"_L1)) {
        reader.fail(u"prompt"_s, u"or 'messages' is required, and not both"_s);
    } else if (reader.has("prompt"_L1)) {
        input = TextInput{reader.string("prompt"_L1), special};
    } else {
        ChatInput chat{.messages = readMessages(reader),
                       .addGenerationPrompt = reader.boolean("add_generation_prompt"_L1, true),
                       .tools = readTools(reader).tools,
                       .written = exchange.body()};
        if (const auto variables = reader.object("chat_template_kwargs"_L1)) chat.variables = *variables;
        input = std::move(chat);
    }
    if (!reader.ok()) return reader.error();
    return input;
}

}  // namespace

QJsonObject OpenAiController::modelJson(const Model &model, const QString &alias) const {
    QJsonObject object{{u"id"_s, alias.isEmpty() ? model.name : alias},
                       {u"object"_s, u"model"_s},
                       {u"created"_s, model.createdAt.toSecsSinceEpoch()},
                       {u"owned_by"_s, u"miLLM"_s}};
    if (const auto loaded = m_inference.loaded(); loaded && loaded->modelId == model.id)
        object.insert(u"max_model_len"_s, loaded->contextLength);
    if (!alias.isEmpty()) object.insert(u"root"_s, model.name);  // as vLLM words it
    return object;
}

void OpenAiController::listModels(Exchange &exchange) {
    QJsonArray models;
    for (const Model &model : m_choice.offered()) {
        models.append(modelJson(model));
        for (const QString &alias : m_choice.aliasesOf(model)) models.append(modelJson(model, alias));
    }
    exchange.send(http::json(200, {{u"object"_s, u"list"_s}, {u"data"_s, models}}));
}

void OpenAiController::showModel(Exchange &exchange) {
    const QString name = QString::fromUtf8(exchange.capture());
    if (const auto model = m_choice.offered(name))
        exchange.send(http::json(200, modelJson(*model, m_choice.meant(name) == name ? QString() : name)));
    else
        exchange.fail(
            {ErrorCode::ModelNotFound, u"The model '%1' is not loaded."_s.arg(name.left(200)), {{u"field"_s, u"model"_s}}});
}

void OpenAiController::chat(Exchange &exchange) {
    auto request = readChatRequest(exchange.json(), exchange.body());
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->common.model,
                  [this, &exchange, request = *request] { new ChatAnswer(exchange, m_inference, request, m_totals); });
}

void OpenAiController::complete(Exchange &exchange) {
    auto request = readCompletionRequest(exchange.json(), exchange.body());
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->common.model,
                  [this, &exchange, request = *request] { new CompletionAnswer(exchange, m_inference, request, m_totals); });
}

void OpenAiController::embed(Exchange &exchange) {
    auto request = readEmbeddingsRequest(exchange.json());
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->model, [this, &exchange, request = *request] {
        new EmbeddingAnswer(exchange, m_inference, request, m_totals, m_words);
    });
}

void OpenAiController::respond(Exchange &exchange) {
    const auto request = readResponsesRequest(exchange.json(), exchange.body());
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->common.model, [this, &exchange, request = *request, body = exchange.json()] {
        new ResponsesAnswer(exchange, m_inference, request, body, m_totals);
    });
}

void OpenAiController::tokenize(Exchange &exchange) {
    const auto input = readTokenizeInput(exchange);
    const auto loaded = m_inference.loaded();
    if (!input || !loaded) {
        exchange.fail(!input ? input.error() : notLoaded());
        return;
    }
    exchange.when(m_inference.tokenize(*input), [&exchange, limit = loaded->contextLength](const Result<QList<qint32>> &ids) {
        if (!ids)
            exchange.fail(ids.error());
        else
            exchange.send(
                http::json(200, {{u"tokens"_s, idsJson(*ids)}, {u"count"_s, ids->size()}, {u"max_model_len"_s, limit}}));
    });
}

void OpenAiController::detokenize(Exchange &exchange) {
    JsonReader reader(exchange.json());
    reader.require("tokens"_L1);
    const auto ids = reader.ids("tokens"_L1);
    if (!reader.ok() || !m_inference.loaded()) {
        exchange.fail(!reader.ok() ? reader.error() : notLoaded());
        return;
    }
    exchange.when(m_inference.detokenize(*ids), [&exchange](const Result<QString> &text) {
        if (!text)
            exchange.fail(text.error());
        else
            exchange.send(http::json(200, {{u"prompt"_s, *text}}));
    });
}

}  // namespace millm::openai
