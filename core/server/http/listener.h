#pragma once

#include "core/server/http/connection.h"

#include <QHash>
#include <QTcpServer>
#include <QTimer>

#include <memory>
#include <optional>

namespace millm::http {

/// Accepts sockets as Connections, counts them, and keeps their clock. It may listen on a second address too. Services thread.
class Listener : public QTcpServer {
    Q_OBJECT
public:
    explicit Listener(Policy policy, QObject *parent = nullptr);
    ~Listener() override;

    /// Takes the same port of a second address. AddressInUseError is another program's; other errors: this machine lacks it.
    std::optional<QAbstractSocket::SocketError> listenAlso(const QHostAddress &address);
    /// Accepts nothing any more.
    void stop();

    /// Null where that connection is gone.
    Connection *connection(quint64 id) const { return m_connections.value(id); }
    int connections() const { return static_cast<int>(m_connections.size()); }
    /// Closes what has no request under way.
    void closeIdle();
    /// Has any answer bytes that are not with the client's kernel yet?
    bool isSending() const;
    /// Cuts everything.
    void cutAll();

Q_SIGNALS:
    void connectionsChanged();

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    class SecondDoor;
    /// Closes the connection that has waited for its client longest; false where all are at work.
    bool makeRoom();
    std::shared_ptr<const Policy> m_policy;
    QTcpServer *m_second = nullptr;
    QHash<quint64, Connection *> m_connections;
    quint64 m_last = 0;
    QTimer m_clock;
};

}  // namespace millm::http
