#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>

#include <utility>

namespace millm::http {

/// A whole answer.
struct Response {
    int status = 200;
    QByteArray contentType = "application/json; charset=utf-8";  ///< empty: none (and no body)
    QByteArray body;
    QList<std::pair<QByteArray, QByteArray>> headers;  ///< further ones: Allow, Retry-After…
};

inline Response json(int status, const QJsonObject &object) {
    return {.status = status, .body = QJsonDocument(object).toJson(QJsonDocument::Compact)};
}

}  // namespace millm::http
