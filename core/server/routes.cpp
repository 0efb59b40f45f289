#include "core/server/routes.h"

#include "core/server/anthropic/anthropic_controller.h"
#include "core/server/description/document_controller.h"
#include "core/server/description/metrics.h"
#include "core/server/management/hub_controller.h"
#include "core/server/management/model_controller.h"
#include "core/server/management/system_controller.h"
#include "core/server/ollama/ollama_controller.h"
#include "core/server/openai/openai_controller.h"
#include "core/server/socketio/event_server.h"

namespace millm {
namespace {

using http::Body;
using http::ErrorStyle;
using http::Exchange;

template <class Controller>
auto to(Controller &controller, void (Controller::*method)(Exchange &)) {
    return [&controller, method](Exchange &exchange) { (controller.*method)(exchange); };
}

constexpr qint64 mebibyte = 1024 * 1024;

}  // namespace

std::shared_ptr<const http::RouteTable> makeRoutes(Controllers c) {
    using anthropic::AnthropicController, ollama::OllamaController;
    using description::DocumentController, description::Metrics;
    using management::HubController, management::ModelController, management::SystemController, openai::OpenAiController,
        socketio::EventServer;
    // clang-format off
    return std::make_shared<const http::RouteTable>(
        QList<http::Area>{
            {"/api",        ErrorStyle::Management, true, mebibyte},
            {"/v1",         ErrorStyle::OpenAi,     true, 32 * mebibyte},
            {"/v1/messages", ErrorStyle::Anthropic, true, 32 * mebibyte},
            {"/api/chat",   ErrorStyle::Ollama,     true, 32 * mebibyte},
            {"/api/generate", ErrorStyle::Ollama,   true, 32 * mebibyte},
            {"/api/embed",  ErrorStyle::Ollama,     true, 32 * mebibyte},
            {"/api/embeddings", ErrorStyle::Ollama, true, 32 * mebibyte},
            {"/api/tags",   ErrorStyle::Ollama,     true},
            {"/api/ps",     ErrorStyle::Ollama,     true},
            {"/api/show",   ErrorStyle::Ollama,     true, mebibyte},
            {"/api/version", ErrorStyle::Ollama,    true},
            {"/tokenize",   ErrorStyle::OpenAi,     true, 32 * mebibyte},
            {"/detokenize", ErrorStyle::OpenAi,     true, 32 * mebibyte},
            // The key may also come later, in Socket.IO's own packet.
            {"/socket.io",  ErrorStyle::EngineIo,   false, mebibyte},
            {"/",           ErrorStyle::Management, false},
        },
        QList<http::Route>{
            {"GET",    "/api/models",             Body::None,         to(c.models, &ModelController::list)},
            {"POST",   "/api/models",             Body::Json,         to(c.models, &ModelController::create)},
            {"POST",   "/api/models/preview",     Body::Json,         to(c.models, &ModelController::preview)},
            {"GET",    "/api/models/{id}",        Body::None,         to(c.models, &ModelController::show)},
            {"PATCH",  "/api/models/{id}",        Body::Json,         to(c.models, &ModelController::change)},
            {"DELETE", "/api/models/{id}",        Body::None,         to(c.models, &ModelController::remove)},
            {"POST",   "/api/models/{id}/load",   Body::OptionalJson, to(c.models, &ModelController::load)},
            {"POST",   "/api/models/{id}/unload", Body::None,         to(c.models, &ModelController::unload)},
            {"POST",   "/api/models/{id}/cancel", Body::None,         to(c.models, &ModelController::cancel)},
            {"POST",   "/api/models/{id}/quantize", Body::Json,       to(c.models, &ModelController::quantize)},
            {"GET",    "/api/hub/search",         Body::None,         to(c.hub, &HubController::search)},
            {"GET",    "/api/system",             Body::None,         to(c.system, &SystemController::system)},
            {"GET",    "/api/health",             Body::None,         to(c.system, &SystemController::health)},
            {"GET",    "/api/health/ready",       Body::None,         to(c.system, &SystemController::ready)},
            {"GET",    "/v1/models",              Body::None,         to(c.openai, &OpenAiController::listModels)},
            {"GET",    "/v1/models/{id}",         Body::None,         to(c.openai, &OpenAiController::showModel)},
            {"POST",   "/v1/chat/completions",    Body::Json,         to(c.openai, &OpenAiController::chat)},
            {"POST",   "/v1/completions",         Body::Json,         to(c.openai, &OpenAiController::complete)},
            {"POST",   "/v1/embeddings",          Body::Json,         to(c.openai, &OpenAiController::embed)},
            {"POST",   "/v1/responses",           Body::Json,         to(c.openai, &OpenAiController::respond)},
            {"POST",   "/v1/messages",            Body::Json,         to(c.anthropic, &AnthropicController::messages)},
            {"POST",   "/v1/messages/count_tokens", Body::Json,       to(c.anthropic, &AnthropicController::countTokens)},
            {"POST",   "/api/chat",               Body::Json,         to(c.ollama, &OllamaController::chat)},
            {"POST",   "/api/generate",           Body::Json,         to(c.ollama, &OllamaController::generate)},
            {"POST",   "/api/embed",              Body::Json,         to(c.ollama, &OllamaController::embed)},
            {"POST",   "/api/embeddings",         Body::Json,         to(c.ollama, &OllamaController::embeddings)},
            {"GET",    "/api/tags",               Body::None,         to(c.ollama, &OllamaController::tags)},
            {"GET",    "/api/ps",                 Body::None,         to(c.ollama, &OllamaController::loaded)},
            {"POST",   "/api/show",               Body::Json,         to(c.ollama, &OllamaController::show)},
            {"GET",    "/api/version",            Body::None,         to(c.ollama, &OllamaController::version)},
            {"POST",   "/tokenize",               Body::Json,         to(c.openai, &OpenAiController::tokenize)},
            {"POST",   "/detokenize",             Body::Json,         to(c.openai, &OpenAiController::detokenize)},
            {"GET",    "/socket.io/",             Body::None,         to(c.events, &EventServer::get), true},
            {"POST",   "/socket.io/",             Body::Text,         to(c.events, &EventServer::post)},
            {"GET",    "/openapi.json",           Body::None,         to(c.document, &DocumentController::openApi)},
            {"GET",    "/docs",                   Body::None,         to(c.document, &DocumentController::page)},
            {"GET",    "/metrics",                Body::None,         to(c.metrics, &Metrics::show)},
        });
    // clang-format on
}

}  // namespace millm
