#pragma once

#include "core/base/error.h"
#include "core/models/model.h"

#include <QFuture>
#include <QJsonValue>

namespace millm {
class ModelService;
}
namespace millm::http {
class Exchange;
class JsonReader;
}  // namespace millm::http

namespace millm::management {

/// {"success": true, "data": …}
void answer(http::Exchange &exchange, int status, const QJsonValue &data);

/// /api/models: reads requests, asks the ModelService, words its answers. Services thread.
class ModelController {
public:
    explicit ModelController(ModelService &models) : m_models(models) {}

    void list(http::Exchange &exchange);
    void show(http::Exchange &exchange);
    void create(http::Exchange &exchange);
    void preview(http::Exchange &exchange);
    void load(http::Exchange &exchange);
    void unload(http::Exchange &exchange);
    void cancel(http::Exchange &exchange);
    void quantize(http::Exchange &exchange);
    void remove(http::Exchange &exchange);
    void change(http::Exchange &exchange);

private:
    void createFromHub(http::Exchange &exchange, http::JsonReader &reader);
    void createFromFolder(http::Exchange &exchange, http::JsonReader &reader);
    void answerModel(http::Exchange &exchange, int status, QFuture<Result<Model>> future);
    std::optional<qint64> existing(http::Exchange &exchange) const;

    ModelService &m_models;
};

}  // namespace millm::management
