#pragma once

#include "core/server/socketio/engine_packet.h"
#include "core/server/socketio/socket_packet.h"

#include <QByteArray>
#include <QDeadlineTimer>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QTimer>
#include <QWebSocket>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace millm::http {
class Exchange;
}

namespace millm::socketio {

/// What a session may take. Plain values, so that tests can make them small.
struct SessionOptions {
    std::chrono::milliseconds pingInterval{25'000}, pingTimeout{20'000};
    std::chrono::milliseconds upgradeTimeout{10'000};  ///< from the probe's connection to the switch
    std::chrono::milliseconds connectTimeout{30'000};  ///< without being in any namespace
    qsizetype maxPayload = 1'000'000;                  ///< bytes of one message or polling body
    qsizetype maxQueued = 1024;                        ///< packets that a client may leave behind
    qsizetype maxQueuedBytes = 1024 * 1024;
    qint64 unsent = 64 * 1024;  ///< bytes on a WebSocket past which packets wait here, where newer ones replace them
    int maxSessions = 512;
    int maxEntries = 32;                          ///< times that one session enters a namespace
    std::chrono::milliseconds stateKnown{1'000};  ///< who was told how things stand need not be told again so soon
};

/// One client: an Engine.IO session over polling, then perhaps a WebSocket, with the Socket.IO namespaces it is in.
/// Nobody waits for it: what it does not fetch is replaced where it is only progress, and a queue past its bound ends the
/// session. Services thread.
class Session : public QObject {
    Q_OBJECT
public:
    /// What a client is told that may not enter a namespace, and when.
    struct Refusal {
        QString words;
        std::chrono::milliseconds delay{0};
    };
    /// Says whether it may: nothing refuses.
    using Admission = std::function<std::optional<Refusal>(const QByteArray &nsp, const QJsonObject &auth)>;

    Session(QByteArray id, quint64 number, SessionOptions options, Admission admission, QObject *parent = nullptr);
    ~Session() override;

    const QByteArray &id() const { return m_id; }
    quint64 number() const { return m_number; }                ///< in the order in which sessions were opened
    bool isOutside() const { return m_namespaces.isEmpty(); }  ///< in no namespace yet
    bool isIn(const QByteArray &nsp) const { return m_namespaces.contains(nsp); }
    bool isOnWebSocket() const { return m_upgraded; }
    /// The first packet, for a session that begins by polling or by WebSocket.
    QByteArray openPacket(bool upgradable) const;

    /// Answers at once with what is queued, or parks until there is something.
    void poll(http::Exchange &exchange);
    /// A polling body of the client. False where it was malformed; the session is closed then.
    bool post(const QByteArray &body);
    /// A WebSocket of this session: its only transport, or a probe that is to replace polling.
    void adopt(std::shared_ptr<QWebSocket> socket, bool probe);

    /// Queues an encoded Socket.IO packet. One with the same non-empty `key` that is still queued goes, and this one stands
    /// behind all others: what a client gets may have gaps, and is never out of order.
    void send(const QByteArray &packet, const QByteArray &key = {});
    /// It is to be told how things stand: the changes since it was are on their way anyhow.
    bool takeStateTurn();
    /// Half of what may wait is free.
    bool hasRoom() const { return m_queue.size() < m_options.maxQueued / 2 && m_queuedBytes < m_options.maxQueuedBytes / 2; }
    void close();

Q_SIGNALS:
    void namespacesChanged();
    void entered(const QByteArray &nsp);
    /// An event of the client's, which waits for an answer where it bears the number of one.
    void asked(const millm::socketio::SocketPacket &event);
    void closed();

private:
    struct Queued {
        QByteArray text, key;
    };
    void enqueue(const EnginePacket &packet, const QByteArray &key = {});
    void flush();
    void flushPoll();
    void receive(const EnginePacket &packet);
    void receiveSocketPacket(const SocketPacket &packet);
    void receiveOnWebSocket(QWebSocket *from, const EnginePacket &packet);
    void enter(const SocketPacket &packet);
    void ping();

    const QByteArray m_id;
    const quint64 m_number;
    const SessionOptions m_options;
    const Admission m_admission;
    QSet<QByteArray> m_namespaces;
    QList<Queued> m_queue;
    qsizetype m_queuedBytes = 0;
    QPointer<http::Exchange> m_poll;
    std::shared_ptr<QWebSocket> m_socket, m_probe;
    bool m_upgraded = false, m_closed = false, m_probed = false;
    int m_attachments = 0;  ///< binary messages still to come
    int m_entries = 0;
    QDeadlineTimer m_stateKnown;
    QTimer m_pingTimer, m_pongTimer, m_upgradeTimer, m_connectTimer;
};

}  // namespace millm::socketio
