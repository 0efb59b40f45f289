#include "core/server/socketio/session.h"

#include "core/base/log_categories.h"
#include "core/server/http/exchange.h"

#include <QJsonDocument>
#include <QRandomGenerator>

#include <algorithm>

namespace millm::socketio {
namespace {
using Type = EnginePacket::Type;
}  // namespace

Session::Session(QByteArray id, quint64 number, SessionOptions options, Admission admission, QObject *parent)
    : QObject(parent), m_id(std::move(id)), m_number(number), m_options(options), m_admission(std::move(admission)) {
    for (QTimer *timer : {&m_pingTimer, &m_pongTimer, &m_upgradeTimer, &m_connectTimer}) timer->setSingleShot(true);
    connect(&m_pingTimer, &QTimer::timeout, this, &Session::ping);
    connect(&m_pongTimer, &QTimer::timeout, this, &Session::close);
    connect(&m_connectTimer, &QTimer::timeout, this, [this] {
        if (m_namespaces.isEmpty()) close();
    });
    connect(&m_upgradeTimer, &QTimer::timeout, this, [this] {
        m_probe.reset();  // which closes it
        m_probed = false;
    });
    m_pingTimer.start(m_options.pingInterval);
    m_connectTimer.start(m_options.connectTimeout);
}

Session::~Session() = default;

QByteArray Session::openPacket(bool upgradable) const {
    const QJsonObject open{{QStringLiteral("sid"), QString::fromLatin1(m_id)},
                           {QStringLiteral("upgrades"), upgradable ? QJsonArray{QStringLiteral("websocket")} : QJsonArray{}},
                           {QStringLiteral("pingInterval"), qint64(m_options.pingInterval.count())},
                           {QStringLiteral("pingTimeout"), qint64(m_options.pingTimeout.count())},
                           {QStringLiteral("maxPayload"), qint64(m_options.maxPayload)}};
    return encode(EnginePacket{Type::Open, QJsonDocument(open).toJson(QJsonDocument::Compact)});
}

void Session::poll(http::Exchange &exchange) {
    if (m_upgraded || m_poll) {  // two polls at once: one of them would lose packets
        exchange.send(
            http::json(400, {{QStringLiteral("code"), 3}, {QStringLiteral("message"), QStringLiteral("Bad request")}}));
        if (!m_upgraded) close();
        return;
    }
    m_poll = &exchange;
    connect(&exchange, &http::Exchange::abandoned, this, [this, left = &exchange] {
        if (m_poll == left) m_poll = nullptr;
    });
    if (m_probed && m_queue.isEmpty()) enqueue({Type::Noop, {}});  // the client waits for this poll before it switches
    flush();
}

void Session::flushPoll() {
    if (!m_poll || m_queue.isEmpty()) return;
    QByteArray body;
    while (!m_queue.isEmpty() && (body.isEmpty() || body.size() + m_queue.first().text.size() < m_options.maxPayload)) {
        if (!body.isEmpty()) body += '\x1e';
        m_queuedBytes -= m_queue.first().text.size();
        body += m_queue.takeFirst().text;
    }
    http::Exchange *poll = m_poll;
    m_poll = nullptr;
    poll->send({.contentType = "text/plain; charset=utf-8", .body = body});
}

bool Session::post(const QByteArray &body) {
    const auto packets = parsePayload(body);
    if (!packets || m_upgraded) {
        close();
        return false;
    }
    for (const EnginePacket &packet : *packets) {
        if (m_closed) break;
        receive(packet);
    }
    return true;
}

void Session::adopt(std::shared_ptr<QWebSocket> socket, bool probe) {
    QWebSocket *raw = socket.get();
    raw->setMaxAllowedIncomingFrameSize(static_cast<quint64>(m_options.maxPayload));
    raw->setMaxAllowedIncomingMessageSize(static_cast<quint64>(m_options.maxPayload));
    connect(raw, &QWebSocket::textMessageReceived, this, [this, raw](const QString &text) {
        const auto packet = parseEnginePacket(text.toUtf8());
        if (packet && !packet->binary)
            receiveOnWebSocket(raw, *packet);
        else
            close();
    });
    connect(raw, &QWebSocket::binaryMessageReceived, this,
            [this, raw](const QByteArray &bytes) { receiveOnWebSocket(raw, {Type::Message, bytes, true}); });
    connect(raw, &QWebSocket::bytesWritten, this, &Session::flush);
    connect(raw, &QWebSocket::disconnected, this, [this, raw] {
        if (raw == m_socket.get())
            close();
        else if (raw == m_probe.get())
            m_upgradeTimer.start(0);
    });
    if (probe) {
        if (m_upgraded || m_probe) {
            raw->close();
            return;
        }
        m_probe = std::move(socket);
        m_upgradeTimer.start(m_options.upgradeTimeout);
    } else {
        m_socket = std::move(socket);
        m_upgraded = true;
        m_socket->sendTextMessage(QString::fromUtf8(openPacket(false)));
    }
}

void Session::receiveOnWebSocket(QWebSocket *from, const EnginePacket &packet) {
    if (m_closed) return;
    if (from == m_socket.get()) {
        receive(packet);
    } else if (from != m_probe.get()) {
        return;
    } else if (packet.type == Type::Ping && packet.data == "probe") {
        m_probed = true;
        m_probe->sendTextMessage(QStringLiteral("3probe"));
        if (m_poll && m_queue.isEmpty()) enqueue({Type::Noop, {}});  // so that the client can pause polling
    } else if (packet.type == Type::Upgrade && m_probed) {
        m_upgradeTimer.stop();
        m_socket = std::exchange(m_probe, nullptr);
        m_upgraded = true;
        if (m_poll) m_poll->send({.contentType = "text/plain; charset=utf-8", .body = "6"});
        flush();
    } else {
        m_upgradeTimer.start(0);
    }
}

void Session::receive(const EnginePacket &packet) {
    switch (packet.type) {
        case Type::Pong:
            m_pongTimer.stop();
            m_pingTimer.start(m_options.pingInterval);
            break;
        case Type::Close:
            close();
            break;
        case Type::Message:
            if (packet.binary) {
                // Attachments of events: nothing here takes any, they only have to be counted.
                if (m_attachments == 0)
                    close();
                else
                    --m_attachments;
            } else if (const auto inner = parseSocketPacket(packet.data); inner && m_attachments == 0) {
                receiveSocketPacket(*inner);
            } else {
                close();
            }
            break;
        case Type::Ping:  // only servers ping in protocol 4
        case Type::Open:
        case Type::Upgrade:
            close();
            break;
        case Type::Noop:
            break;
    }
}

void Session::receiveSocketPacket(const SocketPacket &packet) {
    if (packet.type == SocketPacket::Type::Connect) {
        enter(packet);
        return;
    }
    if (!m_namespaces.contains(packet.nsp)) {
        close();
        return;
    }
    m_attachments = packet.attachments;
    if (packet.type == SocketPacket::Type::Disconnect) {
        m_namespaces.remove(packet.nsp);
        if (m_namespaces.isEmpty()) m_connectTimer.start(m_options.connectTimeout);
        Q_EMIT namespacesChanged();
    }
    if (packet.type == SocketPacket::Type::Event || packet.type == SocketPacket::Type::BinaryEvent) Q_EMIT asked(packet);
}

void Session::enter(const SocketPacket &packet) {
    if (m_namespaces.contains(packet.nsp)) return;
    SocketPacket answer{.type = SocketPacket::Type::Connect, .nsp = packet.nsp};
    if (const auto refusal = m_admission(packet.nsp, packet.data.toObject())) {
        answer.type = SocketPacket::Type::ConnectError;
        answer.data = QJsonObject{{QStringLiteral("message"), refusal->words}};
        QTimer::singleShot(refusal->delay, this, [this, answer] { send(encode(answer)); });
        return;
    }
    if (++m_entries > m_options.maxEntries) return close();
    m_namespaces.insert(packet.nsp);
    m_connectTimer.stop();
    // Not the session's own id: that one is the key to it.
    answer.data = QJsonObject{{QStringLiteral("sid"), QString::number(QRandomGenerator::system()->generate64(), 36)}};
    send(encode(answer));
    Q_EMIT namespacesChanged();
    Q_EMIT entered(packet.nsp);
}

bool Session::takeStateTurn() {
    if (!m_stateKnown.hasExpired()) return false;
    m_stateKnown = QDeadlineTimer(m_options.stateKnown);
    return true;
}

void Session::send(const QByteArray &packet, const QByteArray &key) {
    enqueue({Type::Message, packet}, key);
}

void Session::enqueue(const EnginePacket &packet, const QByteArray &key) {
    if (m_closed) return;
    QByteArray text = encode(packet);
    m_queuedBytes += text.size();
    const auto older = key.isEmpty() ? m_queue.end() : std::ranges::find(m_queue, key, &Queued::key);
    if (older != m_queue.end()) {
        m_queuedBytes -= older->text.size();
        m_queue.erase(older);
    }
    m_queue.append({std::move(text), key});
    flush();
    if (m_queue.size() > m_options.maxQueued || m_queuedBytes > m_options.maxQueuedBytes) {
        qCWarning(eventsLog, "a client does not fetch its events: %lld packets, %lld bytes; closed", qint64(m_queue.size()),
                  qint64(m_queuedBytes));
        close();
    }
}

void Session::flush() {
    if (m_closed) return;
    if (!m_upgraded) {
        flushPoll();
        return;
    }
    while (!m_queue.isEmpty() && m_socket->bytesToWrite() < m_options.unsent) {
        const Queued next = m_queue.takeFirst();
        m_queuedBytes -= next.text.size();
        m_socket->sendTextMessage(QString::fromUtf8(next.text));
    }
}

void Session::ping() {
    m_pongTimer.start(m_options.pingTimeout);
    enqueue({Type::Ping, {}}, "ping");
}

void Session::close() {
    if (m_closed) return;
    m_closed = true;
    for (QTimer *timer : {&m_pingTimer, &m_pongTimer, &m_upgradeTimer, &m_connectTimer}) timer->stop();
    if (m_poll) m_poll->send({.contentType = "text/plain; charset=utf-8", .body = "1"});
    if (m_probe) m_probe->close();
    if (m_socket) m_socket->close();
    m_namespaces.clear();
    m_queue.clear();
    Q_EMIT closed();
}

}  // namespace millm::socketio
