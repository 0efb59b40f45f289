#include "core/server/http/json_lines.h"

#include "core/server/http/exchange.h"

#include <QJsonDocument>

namespace millm::http {
namespace {

QByteArray line(const QJsonObject &object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

}  // namespace

JsonLines::JsonLines(Exchange &exchange, qint64 unsentLimit) : m_exchange(exchange), m_unsentLimit(unsentLimit) {
    m_exchange.beginStream("application/x-ndjson");
}

void JsonLines::send(const QJsonObject &object) {
    m_exchange.writeOrCut(line(object), m_unsentLimit);
}

void JsonLines::end(const QJsonObject &last) {
    if (m_exchange.isStreaming()) m_exchange.end(line(last));
}

}  // namespace millm::http
