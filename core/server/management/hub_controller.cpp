#include "core/server/management/hub_controller.h"

#include "core/base/errors.h"
#include "core/server/http/exchange.h"
#include "core/server/management/model_controller.h"

#include <QJsonArray>

#include <memory>

namespace millm::management {
namespace {

using namespace Qt::StringLiterals;

QJsonValue known(const QString &text) {
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

template <class T>
QJsonValue known(const std::optional<T> &value) {
    return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

QJsonValue weightsJson(const FoundModel &found) {
    if (found.weightBytes.isEmpty()) return QJsonValue::Null;
    QJsonObject weights;
    for (const auto &row : engine::schemes())
        weights.insert(QString::fromUtf8(row.id.data(), qsizetype(row.id.size())),
                       errors::mebibytes(found.weightBytes.value(row.scheme)));
    return weights;
}

}  // namespace

QJsonObject toJson(const FoundModel &found) {
    const FoundRepository &repository = found.repository;
    const auto stored = repository.storedBytes ? QJsonValue(errors::mebibytes(*repository.storedBytes)) : QJsonValue::Null;
    return {
        {u"repo_id"_s, repository.id},
        {u"downloads"_s, known(repository.downloads)},
        {u"likes"_s, known(repository.likes)},
        {u"license"_s, known(repository.license)},
        {u"is_gated"_s, known(repository.gated)},
        {u"is_private"_s, repository.isPrivate},
        {u"has_custom_code"_s, repository.customCode},
        {u"task"_s, known(repository.task)},
        {u"model_type"_s, known(repository.modelType)},
        {u"architecture"_s, known(repository.architecture)},
        {u"quantized_with"_s, known(repository.quantization)},
        {u"params"_s, known(found.params)},
        {u"parameters"_s, found.params.isEmpty() ? QJsonValue(QJsonValue::Null) : known(repository.elements)},
        {u"stored_size_mb"_s, stored},
        {u"weights_mb"_s, weightsJson(found)},
        {u"supported"_s, known(found.supported)},
        {u"unsupported_reason"_s, known(found.unsupportedReason)},
        {u"fits"_s, known(found.fits)},
    };
}

void HubController::search(http::Exchange &exchange) {
    SearchRequest request;
    request.words = exchange.queryValue(u"query"_s);
    if (const QString limit = exchange.queryValue(u"limit"_s); !limit.isNull()) request.limit = limit.toInt();
    // Who goes away wants no answer of the Hub's either.
    const auto stop = std::make_shared<std::stop_source>();
    QObject::connect(&exchange, &http::Exchange::abandoned, &exchange, [stop] { stop->request_stop(); });
    exchange.when(m_search.find(request, stop->get_token()), [&exchange](const Result<QList<FoundModel>> &result) {
        if (!result) return exchange.fail(result.error());
        QJsonArray list;
        for (const FoundModel &found : *result) list.append(toJson(found));
        answer(exchange, 200, list);
    });
}

}  // namespace millm::management
