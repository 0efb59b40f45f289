#include "core/server/http/listener.h"

#include <QPointer>

#include <algorithm>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millm::http {
namespace {

/// A process has only so many descriptors, and models, the database and downloads need some too.
Policy withinProcess(Policy policy) {
    Limits &limits = policy.limits;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        const auto spare = static_cast<qint64>(files.rlim_cur) - std::min<qint64>(static_cast<qint64>(files.rlim_cur) / 2, 256);
        limits.connections = static_cast<int>(std::min<qint64>(limits.connections, spare));
    }
    return policy;
}

/// Tells one client too many, without spending a Connection on it. One that speaks TLS would not understand.
void turnAway(int descriptor, bool encrypted) {
    static const QByteArray text = [] {
        const QByteArray body =
            R"({"success":false,"data":null,"error":{"code":"QUEUE_FULL","message":"Too many connections.","details":{}}})";
        return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 1\r\n"
               "Connection: close\r\nContent-Length: " +
               QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }();
    if (!encrypted) (void)!::send(descriptor, text.constData(), static_cast<size_t>(text.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(descriptor);
}

}  // namespace

/// Hands whoever knocks to the listener whose second address it is.
class Listener::SecondDoor : public QTcpServer {
public:
    explicit SecondDoor(Listener &listener) : QTcpServer(&listener), m_listener(listener) {}

protected:
    void incomingConnection(qintptr descriptor) override { m_listener.incomingConnection(descriptor); }

private:
    Listener &m_listener;
};

Listener::Listener(Policy policy, QObject *parent)
    : QTcpServer(parent), m_policy(std::make_shared<const Policy>(withinProcess(std::move(policy)))) {
    const Limits &limits = m_policy->limits;
    setListenBacklogSize(1024);
    setMaxPendingConnections(1024);
    const auto shortest = std::min({limits.headTime, limits.bodyWindow, limits.idleTime, limits.writeStall, limits.lingerTime});
    m_clock.setInterval(std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000)));
    connect(&m_clock, &QTimer::timeout, this, [this] {
        const auto all = m_connections.values();
        for (Connection *connection : all) connection->tick();
    });
}

Listener::~Listener() {
    // Connections belong to whoever took them and may outlive this.
    cutAll();
}

std::optional<QAbstractSocket::SocketError> Listener::listenAlso(const QHostAddress &address) {
    if (!m_second) m_second = new SecondDoor(*this);
    m_second->setListenBacklogSize(listenBacklogSize());
    if (m_second->listen(address, serverPort())) return {};
    return m_second->serverError();
}

void Listener::stop() {
    close();
    if (m_second) m_second->close();
}

bool Listener::makeRoom() {
    Connection *longest = nullptr;
    for (Connection *connection : std::as_const(m_connections))
        if (connection->isWaiting() && (!longest || connection->phaseMilliseconds() > longest->phaseMilliseconds()))
            longest = connection;
    if (longest) longest->cut();
    return longest != nullptr;
}

void Listener::incomingConnection(qintptr descriptor) {
    if (connections() >= m_policy->limits.connections && !makeRoom()) {
        turnAway(static_cast<int>(descriptor), m_policy->certificate != nullptr);
        return;
    }
    const quint64 id = ++m_last;
    auto *connection = new Connection(
        descriptor, id, m_policy,
        [self = QPointer(this)](quint64 gone) {
            if (!self) return;
            self->m_connections.remove(gone);
            if (self->m_connections.isEmpty()) self->m_clock.stop();
            Q_EMIT self->connectionsChanged();
        },
        this);
    m_connections.insert(id, connection);
    if (!m_clock.isActive()) m_clock.start();
    addPendingConnection(connection);
    Q_EMIT connectionsChanged();
}

void Listener::closeIdle() {
    const auto all = m_connections.values();
    for (Connection *connection : all) {
        if (!connection->isAnswering() && !connection->isLingering()) connection->leave();
    }
}

bool Listener::isSending() const {
    return std::ranges::any_of(m_connections, [](const Connection *connection) { return connection->bytesToWrite() > 0; });
}

void Listener::cutAll() {
    const auto all = m_connections.values();
    for (Connection *connection : all) connection->cut();
}

}  // namespace millm::http
