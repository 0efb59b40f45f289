#pragma once

#include "core/models/model_search.h"

#include <QJsonObject>

namespace millm::http {
class Exchange;
}

namespace millm::management {

/// /api/hub: what is there to be downloaded. Services thread.
class HubController {
public:
    explicit HubController(ModelSearch &search) : m_search(search) {}

    void search(http::Exchange &exchange);

private:
    ModelSearch &m_search;
};

QJsonObject toJson(const FoundModel &found);

}  // namespace millm::management
