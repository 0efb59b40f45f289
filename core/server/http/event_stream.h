#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QTimer>

namespace millm::http {

class Exchange;

/// An answer of server-sent events. A comment every 15 s keeps a silent one alive; a client that leaves more than the
/// limit unread is cut, so that it costs no memory. Child of its exchange. Services thread.
class EventStream : public QObject {
    Q_OBJECT
public:
    /// `unsentLimit`: bytes. Writes the answer's head at once.
    explicit EventStream(Exchange &exchange, qint64 unsentLimit = 1024 * 1024,
                         std::chrono::milliseconds keepAlive = std::chrono::seconds(15));

    /// `event`: its name; without one a reader takes it for "message".
    void send(const QJsonObject &data, const QByteArray &event = {});
    /// "data: TEXT"
    void sendText(const QByteArray &text);
    /// The last event, and the end of the answer.
    void end(const QByteArray &text, const QByteArray &event = {});

private:
    void write(const QByteArray &bytes);
    Exchange &m_exchange;
    const qint64 m_unsentLimit;
    QTimer m_keepAlive;
};

}  // namespace millm::http
