#pragma once

#include <QByteArray>
#include <QJsonObject>

namespace millm::http {

class Exchange;

/// An answer of JSON objects, a line each. A client that leaves more than the limit unread is cut. Services thread.
class JsonLines {
public:
    /// Writes the answer's head at once. The exchange outlives it.
    explicit JsonLines(Exchange &exchange, qint64 unsentLimit = 1024 * 1024);

    void send(const QJsonObject &object);
    void end(const QJsonObject &last);

private:
    Exchange &m_exchange;
    const qint64 m_unsentLimit;
};

}  // namespace millm::http
