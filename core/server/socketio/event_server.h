#pragma once

#include "core/server/http/gate.h"
#include "core/server/http/request_head.h"
#include "core/server/socketio/session.h"

#include <QHash>
#include <QObject>

#include <memory>

namespace millm::socketio {

/// Socket.IO v4 on /socket.io/: opens sessions, finds them again, and sends events to all that are in a namespace.
/// Knows nothing of what the events say. Services thread.
class EventServer : public QObject {
    Q_OBJECT
public:
    /// `namespaces`: those that may be entered.
    EventServer(QList<QByteArray> namespaces, SessionOptions options = {}, QObject *parent = nullptr);
    ~EventServer() override;

    /// Whose key opens a namespace; before the first request.
    void setGate(std::shared_ptr<const http::Gate> gate) { m_gate = std::move(gate); }

    void get(http::Exchange &exchange);
    void post(http::Exchange &exchange);
    void adopt(const std::shared_ptr<QWebSocket> &socket, const http::RequestHead &head);

    /// Sends ["name", payload] to all in `nsp`. Of packets with the same non-empty `key` a slow client gets the newest only.
    void broadcast(const QByteArray &nsp, const QString &name, const QJsonObject &payload, const QByteArray &key = {});
    int listeners() const { return m_listeners; }  ///< sessions that are in a namespace
    int sessions() const { return static_cast<int>(m_sessions.size()); }
    void closeAll();

Q_SIGNALS:
    void listenersChanged();

private:
    Session *open(const http::RequestHead &head, const QHostAddress &peer);
    std::optional<Session::Refusal> admit(const QByteArray &headerKey, const QByteArray &token, const QHostAddress &peer) const;
    void count();

    const QList<QByteArray> m_namespaces;
    const SessionOptions m_options;
    std::shared_ptr<const http::Gate> m_gate;
    QHash<QByteArray, Session *> m_sessions;
    quint64 m_lastNumber = 0;
    int m_listeners = 0;
};

}  // namespace millm::socketio
