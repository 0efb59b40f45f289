#include "core/server/http/event_stream.h"

#include "core/server/http/exchange.h"

#include <QJsonDocument>

namespace millm::http {
namespace {

QByteArray worded(const QByteArray &text, const QByteArray &event) {
    return (event.isEmpty() ? QByteArray() : "event: " + event + '\n') + "data: " + text + "\n\n";
}

}  // namespace

EventStream::EventStream(Exchange &exchange, qint64 unsentLimit, std::chrono::milliseconds keepAlive)
    : QObject(&exchange), m_exchange(exchange), m_unsentLimit(unsentLimit) {
    m_exchange.beginStream("text/event-stream; charset=utf-8");
    m_keepAlive.setInterval(keepAlive);
    connect(&m_keepAlive, &QTimer::timeout, this, [this] { write(": waiting\n\n"); });
    m_keepAlive.start();
}

void EventStream::send(const QJsonObject &data, const QByteArray &event) {
    write(worded(QJsonDocument(data).toJson(QJsonDocument::Compact), event));
}

void EventStream::sendText(const QByteArray &text) {
    write(worded(text, {}));
}

void EventStream::end(const QByteArray &text, const QByteArray &event) {
    m_keepAlive.stop();
    m_exchange.end(worded(text, event));
}

void EventStream::write(const QByteArray &bytes) {
    m_keepAlive.start();
    m_exchange.writeOrCut(bytes, m_unsentLimit);
}

}  // namespace millm::http
