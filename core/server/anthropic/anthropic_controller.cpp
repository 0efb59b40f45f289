#include "core/server/anthropic/anthropic_controller.h"

#include "core/inference/inference_service.h"
#include "core/server/anthropic/messages_answer.h"
#include "core/server/anthropic/messages_request.h"
#include "core/server/http/exchange.h"
#include "core/server/model_choice.h"

namespace millm::anthropic {

using http::Exchange;
using namespace Qt::StringLiterals;

void AnthropicController::messages(Exchange &exchange) {
    const auto request = readMessagesRequest(exchange.json(), exchange.body());
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->common.model,
                  [this, &exchange, request = *request] { new MessagesAnswer(exchange, m_inference, request, m_totals); });
}

void AnthropicController::countTokens(Exchange &exchange) {
    const auto request = readMessagesRequest(exchange.json(), exchange.body(), false);
    if (!request) return exchange.fail(request.error());
    m_choice.with(exchange, request->common.model, [this, &exchange, input = request->input] {
        exchange.when(m_inference.tokenize(input), [&exchange](const Result<QList<qint32>> &ids) {
            if (!ids)
                exchange.fail(ids.error());
            else
                exchange.send(http::json(200, {{u"input_tokens"_s, ids->size()}}));
        });
    });
}

}  // namespace millm::anthropic
