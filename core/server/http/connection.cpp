#include "core/server/http/connection.h"

#include "core/base/log_categories.h"
#include "core/server/http/certificate.h"
#include "core/server/http/peer.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millm::http {
namespace {

/// Makes it the socket of that connection; whose it is.
QHostAddress takeDescriptor(QTcpSocket &socket, qintptr descriptor) {
    socket.setSocketDescriptor(descriptor);
    return socket.peerAddress();
}

}  // namespace

Connection::Connection(qintptr descriptor, quint64 id, std::shared_ptr<const Policy> policy,
                       std::function<void(quint64)> closed, QObject *parent)
    : QTcpSocket(parent),
      m_tls(policy->certificate ? new QSslSocket(this) : nullptr),
      m_plain(m_tls ? m_tls : new QTcpSocket(this)),
      m_id(id),
      m_policy(std::move(policy)),
      m_limits(m_policy->limits),
      m_closed(std::move(closed)),
      m_network(networkOf(takeDescriptor(*m_plain, descriptor))) {
    m_plain->setReadBufferSize(m_limits.readBuffer);
    m_plain->setSocketOption(QAbstractSocket::LowDelayOption, 1);  // tokens are small and wanted now
    setOpenMode(ReadWrite | Unbuffered);
    setSocketState(ConnectedState);
    setPeerAddress(m_plain->peerAddress());
    setPeerPort(m_plain->peerPort());
    setLocalAddress(m_plain->localAddress());
    setLocalPort(m_plain->localPort());
    enter(m_tls ? Phase::Handshake : Phase::Head, QDeadlineTimer(m_limits.headTime));
    watchLine();
}

/// Listens to whatever the line is now.
void Connection::watchLine() {
    const auto wrote = [this] {
        const bool done = bytesToWrite() == 0;
        m_writeDeadline = done ? QDeadlineTimer(QDeadlineTimer::Forever) : QDeadlineTimer(m_limits.writeStall);
        if (m_phase == Phase::Lingering && done) linger();
    };
    connect(m_plain, &QTcpSocket::readyRead, this, &Connection::advance);
    connect(m_plain, &QTcpSocket::disconnected, this, &Connection::onDisconnected);
    connect(m_plain, &QTcpSocket::bytesWritten, this, [this, wrote](qint64 bytes) {
        wrote();
        Q_EMIT bytesWritten(bytes);
    });
    if (!m_tls) return;
    connect(m_tls, &QSslSocket::encryptedBytesWritten, this, wrote);
    connect(m_tls, &QSslSocket::encrypted, this, [this] {
        enter(Phase::Head, QDeadlineTimer(m_limits.headTime));
        advance();
    });
    connect(m_tls, &QSslSocket::errorOccurred, this, [this] {
        if (m_phase != Phase::Handshake) return;
        qCDebug(serverLog, "no TLS with %s: %s", qUtf8Printable(peerAddress().toString()),
                qUtf8Printable(m_tls->errorString()));
    });
}

Connection::~Connection() {
    m_plain->disconnect(this);
    if (m_bareLine >= 0) ::close(m_bareLine);
    setSocketState(UnconnectedState);
    hold(0);
    if (m_closed) m_closed(m_id);
}

void Connection::enter(Phase phase, QDeadlineTimer deadline) {
    m_phase = phase;
    m_deadline = deadline;
    m_inPhase.start();
    if (phase != Phase::Body) hold(0);
}

/// So many bytes of the body that comes are here.
void Connection::hold(qint64 bytes) {
    const qint64 more = bytes - std::exchange(m_held, bytes);
    if (more == 0) return;
    HeldBodies &held = *m_policy->heldBodies;
    held.all += more;
    if ((held.byPeer[m_network] += more) == 0) held.byPeer.remove(m_network);
}

void Connection::advance() {
    bool more = true;
    while (more) {
        switch (m_phase) {
            case Phase::Handshake:
                shakeHands();
                more = false;
                break;
            case Phase::Idle:
            case Phase::Head:
                more = readHead();
                break;
            case Phase::Body:
                more = readBody();
                break;
            case Phase::Tunnel:
                more = false;
                Q_EMIT readyRead();
                break;
            case Phase::Lingering:
                discard();
                more = false;
                break;
            case Phase::Answering:  // what follows waits in the socket, which takes no more than its buffer
                if (m_overrun) discard();
                more = false;
                break;
            case Phase::Closed:
                more = false;
                break;
        }
    }
}

/// The first byte tells whether the client speaks TLS. One that does not is told so, as far as it can be.
void Connection::shakeHands() {
    char first = 0;
    if (m_tls->mode() != QSslSocket::UnencryptedMode || m_tls->peek(&first, 1) != 1) return;
    if (first == 0x16) {
        m_tls->setSslConfiguration(m_policy->certificate->configuration());
        m_tls->startServerEncryption();
    } else {
        refuse({400, QStringLiteral("This port speaks HTTPS: its address begins with https://.")});
    }
}

bool Connection::readHead() {
    m_raw.append(m_plain->read(std::max<qint64>(m_limits.head + 4 - m_raw.size(), 0)));
    while (m_raw.startsWith("\r\n")) {  // some clients end a body with an extra one
        m_raw.remove(0, 2);
        m_scanned = 0;
    }
    if (m_raw.isEmpty()) return false;
    if (m_phase == Phase::Idle) enter(Phase::Head, QDeadlineTimer(m_limits.headTime));

    const qsizetype end = m_raw.indexOf("\r\n\r\n", std::max<qsizetype>(m_scanned - 3, 0));
    m_scanned = m_raw.size();
    if (end < 0 || end + 4 > m_limits.head) {
        if (m_raw.size() > m_limits.head) {
            const bool line = m_raw.first(std::min(m_raw.size(), m_limits.requestLine)).indexOf("\r\n") < 0;
            refuse({line ? 414 : 431, QStringLiteral("The request's head is longer than %1 bytes.").arg(m_limits.head)});
        } else if (const qsizetype bare = m_raw.indexOf('\n'); bare == 0 || (bare > 0 && m_raw[bare - 1] != '\r')) {
            refuse({400, QStringLiteral("Lines of a request end in CR LF.")});  // no use in waiting for the blank line
        }
        return false;
    }
    auto head = parseHead(QByteArrayView(m_raw).first(end + 4), m_limits);
    m_raw.remove(0, end + 4);
    m_scanned = 0;
    if (!head) {
        refuse(head.error());
        return false;
    }
    admit(*std::move(head));
    return m_phase == Phase::Body;
}

void Connection::admit(RequestHead head) {
    m_head = std::move(head);
    Admission admission = m_policy->admit(m_head, peerAddress());
    m_client = std::move(admission.client);
    m_delay = admission.delay;
    if (!admission.answer && m_head.contentLength > admission.bodyLimit) {
        refuse({413,
                QStringLiteral("The body has %1 bytes, the limit is %2.").arg(m_head.contentLength).arg(admission.bodyLimit)});
        return;
    }
    if (admission.answer) {
        m_incoming = {m_head, {}, std::move(admission.answer), m_head.hasBody() || !m_head.keepAlive};
        deliver();
    } else if (m_head.hasBody()) {
        m_reader = BodyReader(m_head, admission.bodyLimit);
        m_windowStart = 0;
        enter(Phase::Body, QDeadlineTimer(m_limits.bodyWindow));
        if (m_head.expectsContinue && m_raw.isEmpty()) m_plain->write("HTTP/1.1 100 Continue\r\n\r\n");
    } else {
        m_incoming = {m_head, {}, {}, !m_head.keepAlive};
        deliver();
    }
}

bool Connection::readBody() {
    if (m_raw.isEmpty())
        m_raw = m_plain->read(m_limits.readBuffer);
    else
        m_raw.append(m_plain->read(m_limits.readBuffer));
    const qsizetype before = m_raw.size();
    const BodyReader::Status status = m_reader.feed(m_raw);
    hold(m_reader.received());
    const qint64 all = m_policy->heldBodies->all, ofPeer = m_policy->heldBodies->byPeer.value(m_network);
    if (status == BodyReader::Status::More && (all > m_limits.bodies || ofPeer > m_limits.bodiesOfPeer)) {
        const bool many = all > m_limits.bodies;
        refuse({503, QStringLiteral("The bodies that are on their way%1 take %2 bytes, the limit is %3; try again later.")
                         .arg(many ? QString() : QStringLiteral(" from this address"))
                         .arg(many ? all : ofPeer)
                         .arg(many ? m_limits.bodies : m_limits.bodiesOfPeer)});
        return false;
    }
    switch (status) {
        case BodyReader::Status::Bad:
            refuse(m_reader.error());
            return false;
        case BodyReader::Status::Done:
            m_incoming = {m_head, m_reader.take(), {}, !m_head.keepAlive};
            deliver();
            return false;
        case BodyReader::Status::More:
            return m_raw.size() < before && m_plain->bytesAvailable() > 0;
    }
    return false;
}

void Connection::refuse(const BadRequest &why) {
    Response answer = m_policy->refuse(why, m_head);
    m_incoming = {m_head, {}, std::move(answer), true};
    deliver();
}

/// Shows QHttpServer a request. Only a WebSocket handshake keeps headers of its own, which Qt answers from.
void Connection::deliver() {
    m_raw.squeeze();
    m_incoming.client = std::exchange(m_client, {});
    m_incoming.delay = std::exchange(m_delay, {});
    m_in = "GET / HTTP/1.1\r\nHost: millm\r\n" + QByteArray(idHeader) + ": " + QByteArray::number(m_id) + "\r\n";
    const bool tunnel = m_head.upgradesToWebSocket && !m_incoming.answer;
    if (tunnel) {
        m_in += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: " + m_head.value("sec-websocket-version") +
                "\r\nSec-WebSocket-Key: " + m_head.value("sec-websocket-key") + "\r\n";
    }
    m_in += "\r\n";
    m_sending = Sending::Everything;
    if (tunnel) m_in += std::exchange(m_raw, {});
    enter(tunnel ? Phase::Tunnel : Phase::Answering);
    Q_EMIT readyRead();
}

void Connection::answered(bool close) {
    if (m_phase != Phase::Answering) return;
    m_head = {};
    m_sending = Sending::Everything;
    m_headSoFar.clear();
    if (close || m_overrun) {
        m_lingered = 0;
        enter(Phase::Lingering);
        if (bytesToWrite() == 0) linger();
        return;
    }
    enter(Phase::Idle, QDeadlineTimer(m_limits.idleTime));
    QMetaObject::invokeMethod(this, &Connection::advance, Qt::QueuedConnection);
}

/// Everything is sent. Closing now, with bytes of the client unread, would reset the line and lose the answer on its way.
void Connection::linger() {
    if (!m_deadline.isForever()) return;
    m_deadline = QDeadlineTimer(m_limits.lingerTime);
    if (m_tls && m_tls->isEncrypted()) {
        leaveTls();
        return;
    }
    ::shutdown(static_cast<int>(m_plain->socketDescriptor()), SHUT_WR);
    discard();
}

/// TLS has a goodbye of its own, without which a client takes an answer for a cut one. Qt closes the line behind it, so that
/// lingering goes on over a second handle to the same line.
void Connection::leaveTls() {
    m_bareLine = ::fcntl(static_cast<int>(m_tls->socketDescriptor()), F_DUPFD_CLOEXEC, 0);
    m_tls->disconnect(this);
    connect(m_tls, &QSslSocket::disconnected, this, [this] {
        if (m_bareLine < 0) return onDisconnected();
        std::exchange(m_tls, nullptr)->deleteLater();
        m_plain = new QTcpSocket(this);
        m_plain->setSocketDescriptor(std::exchange(m_bareLine, -1));
        watchLine();
        ::shutdown(static_cast<int>(m_plain->socketDescriptor()), SHUT_WR);
        discard();
    });
    m_tls->disconnectFromHost();
}

void Connection::discard() {
    m_raw.clear();
    m_lingered += m_plain->readAll().size();
    if (m_lingered > m_limits.lingerBytes) cut();
}

/// A full buffer would hide that the client goes away while its answer is made. So what came too early and does not fit is
/// thrown away, and the connection ends with the answer: the client asks again.
void Connection::keepReading() {
    if (m_overrun || m_plain->bytesAvailable() < m_limits.readBuffer) return;
    m_overrun = true;
    discard();
}

void Connection::leave() {
    if (m_phase != Phase::Closed) m_plain->disconnectFromHost();
}

void Connection::cut() {
    if (m_bareLine >= 0) ::close(std::exchange(m_bareLine, -1));
    if (m_phase != Phase::Closed) m_plain->abort();
}

void Connection::onDisconnected() {
    if (m_phase == Phase::Closed) return;
    enter(Phase::Closed);
    m_writeDeadline = QDeadlineTimer::Forever;
    setSocketState(UnconnectedState);
    Q_EMIT stateChanged(UnconnectedState);
    Q_EMIT disconnected();
}

void Connection::tick() {
    if (m_writeDeadline.hasExpired()) {
        cut();
        return;
    }
    if (m_phase == Phase::Answering) keepReading();
    if (!m_deadline.hasExpired()) return;
    switch (m_phase) {
        case Phase::Handshake:
            cut();
            break;
        case Phase::Head:
            if (m_raw.isEmpty())
                m_plain->disconnectFromHost();
            else
                refuse({408, QStringLiteral("The request's head did not arrive in time.")});
            break;
        case Phase::Body:
            if (m_reader.received() - m_windowStart >= m_limits.bodyPace) {
                m_windowStart = m_reader.received();
                m_deadline = QDeadlineTimer(m_limits.bodyWindow);
            } else {
                refuse({408, QStringLiteral("The request's body did not arrive in time.")});
            }
            break;
        case Phase::Idle:
            m_plain->disconnectFromHost();
            break;
        case Phase::Lingering:
            cut();
            break;
        case Phase::Answering:
        case Phase::Tunnel:
        case Phase::Closed:
            break;
    }
}

qint64 Connection::bytesAvailable() const {
    if (!isOpen()) return 0;  // or whoever reads until there is nothing left would read for ever
    return QIODevice::bytesAvailable() + m_in.size() + (m_phase == Phase::Tunnel ? m_plain->bytesAvailable() : 0);
}

qint64 Connection::bytesToWrite() const {
    return m_plain->bytesToWrite() + (m_tls ? m_tls->encryptedBytesToWrite() : 0);
}

bool Connection::canReadLine() const {
    return QIODevice::canReadLine() || m_in.contains('\n');
}

qint64 Connection::readData(char *data, qint64 size) {
    if (!m_in.isEmpty()) {
        const qint64 count = std::min<qint64>(size, m_in.size());
        std::copy_n(m_in.constData(), count, data);
        m_in.remove(0, count);
        return count;
    }
    if (m_phase == Phase::Tunnel) return m_plain->read(data, size);
    return 0;
}

qint64 Connection::skipData(qint64 size) {
    return QIODevice::skipData(size);
}

qint64 Connection::writeData(const char *data, qint64 size) {
    if (m_phase == Phase::Closed) return size;  // nobody is there any more; whoever writes is told by disconnected()
    if (m_writeDeadline.isForever()) m_writeDeadline = QDeadlineTimer(m_limits.writeStall);
    if (m_sending == Sending::Everything) {
        m_plain->write(data, size);
    } else if (m_sending != Sending::Nothing) {
        m_headSoFar.append(data, size);
        if (m_headSoFar.contains("\r\n\r\n")) sendHead();
    }
    return size;
}

void Connection::sendHead() {
    QByteArray head = std::exchange(m_headSoFar, {});
    head.truncate(head.indexOf("\r\n\r\n") + 4);
    if (m_sending == Sending::HeadWithoutChunks) {
        const qsizetype line = head.toLower().indexOf("\r\ntransfer-encoding:");
        if (line >= 0) head.remove(line, head.indexOf("\r\n", line + 2) - line);
    }
    m_sending = Sending::Nothing;
    m_plain->write(head);
}

void Connection::sendRaw(const QByteArray &bytes) {
    if (m_phase == Phase::Closed) return;
    if (m_writeDeadline.isForever()) m_writeDeadline = QDeadlineTimer(m_limits.writeStall);
    m_plain->write(bytes);
}

void Connection::close() {
    QIODevice::close();
    if (m_phase == Phase::Closed || m_phase == Phase::Lingering) return;
    m_lingered = 0;
    enter(Phase::Lingering);
    if (bytesToWrite() == 0) linger();
}

void Connection::disconnectFromHost() {
    leave();
}

}  // namespace millm::http
