#include "core/server/anthropic/anthropic_controller.h"

#include "core/inference/inference_service.h"
#include "core/server/anthropic/messages_answer.h"
#include "core/server/anthropic/messages_request.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/answer_parts.h"

namespace millm::anthropic {

using http::Exchange;
using namespace Qt::StringLiterals;

void AnthropicController::messages(Exchange &exchange) {
    auto request = readMessagesRequest(exchange.json());
    if (!request)
        exchange.fail(request.error());
    else if (const auto wrong = openai::checkModel(m_inference, request->common.model))
        exchange.fail(*wrong);
    else
        new MessagesAnswer(exchange, m_inference, *std::move(request), m_totals);
}

void AnthropicController::countTokens(Exchange &exchange) {
    const auto request = readMessagesRequest(exchange.json(), false);
    if (!request) return exchange.fail(request.error());
    if (const auto wrong = openai::checkModel(m_inference, request->common.model)) return exchange.fail(*wrong);
    exchange.when(m_inference.tokenize(request->input), [&exchange](const Result<QList<qint32>> &ids) {
        if (!ids)
            exchange.fail(ids.error());
        else
            exchange.send(http::json(200, {{u"input_tokens"_s, ids->size()}}));
    });
}

}  // namespace millm::anthropic
