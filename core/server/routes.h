#pragma once

#include "core/server/http/route.h"

#include <memory>

namespace millm {

namespace description {
class DocumentController;
class Metrics;
}  // namespace description
namespace anthropic {
class AnthropicController;
}
namespace management {
class HubController;
class ModelController;
class SystemController;
}  // namespace management
namespace ollama {
class OllamaController;
}
namespace openai {
class OpenAiController;
}
namespace socketio {
class EventServer;
}

/// Who answers. All outlive the table.
struct Controllers {
    management::ModelController &models;
    management::HubController &hub;
    management::SystemController &system;
    openai::OpenAiController &openai;
    anthropic::AnthropicController &anthropic;
    ollama::OllamaController &ollama;
    socketio::EventServer &events;
    description::DocumentController &document;
    description::Metrics &metrics;
};

/// Everything the server answers to. 404, 405, CORS preflights and the test of the OpenAPI document follow from it.
std::shared_ptr<const http::RouteTable> makeRoutes(Controllers controllers);

}  // namespace millm
