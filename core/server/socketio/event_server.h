#pragma once

#include "core/server/http/gate.h"
#include "core/server/http/request_head.h"
#include "core/server/socketio/session.h"

#include <QHash>
#include <QObject>

#include <functional>
#include <memory>

namespace millm::socketio {

struct Event {
    QString name;
    QJsonObject payload;
    QByteArray key = {};  ///< of packets with the same non-empty one a slow client gets the newest only
};

/// Socket.IO v4 on /socket.io/: opens sessions, finds them again, and sends events to all that are in a namespace. Who enters
/// is told how things stand, and again who asks by an event "state"; each event of a client's that wants an acknowledgement
/// gets one. Knows nothing of what the events say. Services thread.
class EventServer : public QObject {
    Q_OBJECT
public:
    /// `namespaces`: those that may be entered.
    EventServer(QList<QByteArray> namespaces, SessionOptions options = {}, QObject *parent = nullptr);
    ~EventServer() override;

    /// Whose key opens a namespace; before the first request.
    void setGate(std::shared_ptr<const http::Gate> gate) { m_gate = std::move(gate); }

    /// What tells how things stand in a namespace, oldest first.
    void setState(std::function<QList<Event>(const QByteArray &nsp)> state) { m_state = std::move(state); }

    void get(http::Exchange &exchange);
    void post(http::Exchange &exchange);
    void adopt(const std::shared_ptr<QWebSocket> &socket, const http::RequestHead &head);

    /// Sends ["name", payload] to all in `nsp`.
    void broadcast(const QByteArray &nsp, const Event &event);
    int listeners() const { return m_listeners; }  ///< sessions that are in a namespace
    int sessions() const { return static_cast<int>(m_sessions.size()); }
    void closeAll();

Q_SIGNALS:
    void listenersChanged();

private:
    Session *open(const http::RequestHead &head, const QHostAddress &peer);
    std::optional<Session::Refusal> admit(const QByteArray &headerKey, const QByteArray &token, const QHostAddress &peer) const;
    void tellState(Session &session, const QByteArray &nsp) const;
    void answer(Session &session, const SocketPacket &event) const;
    void count();

    const QList<QByteArray> m_namespaces;
    const SessionOptions m_options;
    std::shared_ptr<const http::Gate> m_gate;
    std::function<QList<Event>(const QByteArray &nsp)> m_state;
    QHash<QByteArray, Session *> m_sessions;
    quint64 m_lastNumber = 0;
    int m_listeners = 0;
};

}  // namespace millm::socketio
