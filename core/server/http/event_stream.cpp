#include "core/server/http/event_stream.h"

#include "core/base/log_categories.h"
#include "core/server/http/exchange.h"

#include <QJsonDocument>

namespace millm::http {
EventStream::EventStream(Exchange &exchange, qint64 unsentLimit, std::chrono::milliseconds keepAlive)
    : QObject(&exchange), m_exchange(exchange), m_unsentLimit(unsentLimit) {
    m_exchange.beginStream("text/event-stream; charset=utf-8");
    m_keepAlive.setInterval(keepAlive);
    connect(&m_keepAlive, &QTimer::timeout, this, [this] { write(": waiting\n\n"); });
    m_keepAlive.start();
}

void EventStream::send(const QJsonObject &data) {
    sendText(QJsonDocument(data).toJson(QJsonDocument::Compact));
}

void EventStream::sendText(const QByteArray &text) {
    write("data: " + text + "\n\n");
}

void EventStream::end(const QByteArray &text) {
    m_keepAlive.stop();
    m_exchange.end("data: " + text + "\n\n");
}

void EventStream::write(const QByteArray &bytes) {
    if (!m_exchange.isStreaming()) return;
    if (m_exchange.unsent() > m_unsentLimit) {
        qCWarning(serverLog, "%s does not read its stream: %lld bytes unsent, cut", m_exchange.requestId().constData(),
                  m_exchange.unsent());
        m_exchange.cut();
        return;
    }
    m_keepAlive.start();
    m_exchange.write(bytes);
}

}  // namespace millm::http
