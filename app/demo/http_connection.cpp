#include "app/demo/http_connection.h"

namespace millm {
namespace {

constexpr qint64 longestHead = 64 * 1024;
constexpr qint64 longestBody = 4 * 1024 * 1024;
constexpr qint64 block = 256 * 1024;
constexpr int paceMs = 20;

}  // namespace

HttpConnection::HttpConnection(QTcpSocket *socket, Handler handler, QObject *parent)
    : QObject(parent), m_socket(socket), m_handler(std::move(handler)) {
    socket->setParent(this);
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_pace.setSingleShot(true);
    connect(socket, &QTcpSocket::readyRead, this, &HttpConnection::read);
    connect(socket, &QTcpSocket::bytesWritten, this, &HttpConnection::send);
    connect(socket, &QTcpSocket::disconnected, this, &QObject::deleteLater);
    connect(&m_pace, &QTimer::timeout, this, [this] {
        m_stalled = false;
        send();
    });
}

void HttpConnection::read() {
    m_input += m_socket->readAll();
    if (m_busy) return;
    if (m_bodyMissing < 0) {
        const qsizetype end = m_input.indexOf("\r\n\r\n");
        if (end < 0) {
            if (m_input.size() > longestHead) m_socket->abort();
            return;
        }
        const QByteArray head = m_input.left(end);
        m_input.remove(0, end + 4);
        if (!parseHead(head)) {
            m_socket->abort();
            return;
        }
    }
    if (m_input.size() < m_bodyMissing) return;
    m_request.body = m_input.left(m_bodyMissing);
    m_input.remove(0, m_bodyMissing);
    m_bodyMissing = -1;
    answer();
}

bool HttpConnection::parseHead(const QByteArray &head) {
    m_request = {};
    const QList<QByteArray> lines = head.split('\n');
    const QList<QByteArray> first = lines.first().trimmed().split(' ');
    if (first.size() != 3 || !first[1].startsWith('/')) return false;
    m_request.method = first[0];
    const qsizetype mark = first[1].indexOf('?');
    m_request.path = mark < 0 ? first[1] : first[1].left(mark);
    if (mark >= 0) m_request.query = QUrlQuery(QString::fromLatin1(first[1].mid(mark + 1)));
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0) m_request.headers.append({line.left(colon).trimmed(), line.mid(colon + 1).trimmed()});
    }
    bool number = true;
    const QByteArray length = m_request.header("Content-Length");
    m_bodyMissing = length.isEmpty() ? 0 : length.toLongLong(&number);
    return number && m_bodyMissing >= 0 && m_bodyMissing <= longestBody;
}

void HttpConnection::answer() {
    m_busy = true;
    m_sent = 0;
    m_response = m_handler(m_request);
    const Tampering &tampering = m_response.tampering;
    if (tampering.silent) return;
    if (tampering.hangUp) {
        m_socket->abort();
        return;
    }
    QByteArray head = "HTTP/1.1 " + QByteArray::number(m_response.status) + ' ' + reasonOf(m_response.status) + "\r\n";
    for (const auto &[name, value] : std::as_const(m_response.headers)) head += name + ": " + value + "\r\n";
    if (tampering.withoutLength) {
        head += "Connection: close\r\n";
    } else {
        const qint64 length = tampering.declaredLength >= 0 ? tampering.declaredLength : m_response.length();
        head += "Content-Length: " + QByteArray::number(length) + "\r\n";
    }
    m_socket->write(head + "\r\n");
    if (m_request.method == "HEAD") {
        done();
        return;
    }
    if (!m_response.file.isEmpty()) {
        m_file.setFileName(m_response.file);
        if (!m_file.open(QIODevice::ReadOnly) || !m_file.seek(m_response.begin)) {
            m_socket->abort();
            return;
        }
    }
    m_clock.start();
    send();
}

/// Bytes of the body that the throttle lets through by now.
qint64 HttpConnection::allowance() const {
    if (m_response.bytesPerSecond <= 0) return m_response.length();
    return m_response.bytesPerSecond * (m_clock.elapsed() + paceMs) / 1000;
}

void HttpConnection::send() {
    if (!m_busy || m_stalled || m_response.tampering.silent || m_request.method == "HEAD") return;
    while (m_sent < m_response.length()) {
        if (m_socket->bytesToWrite() > 4 * block) return;  // bytesWritten() comes back here
        const qint64 budget = qMin(block, allowance() - m_sent);
        if (budget <= 0) {
            m_pace.start(paceMs);
            return;
        }
        if (!sendBody(budget)) return;
    }
    const bool short_ = m_response.tampering.declaredLength > m_response.length();
    if (m_response.tampering.withoutLength || short_) {
        m_socket->disconnectFromHost();
        return;
    }
    done();
}

/// Sends the next part; false where a fault stops it.
bool HttpConnection::sendBody(qint64 budget) {
    const Tampering &tampering = m_response.tampering;
    if (tampering.cutAfter >= 0 && m_sent >= tampering.cutAfter) {
        m_socket->disconnectFromHost();  // what was written before still goes out
        return false;
    }
    if (tampering.stallAt >= 0 && m_sent >= tampering.stallAt) {
        m_response.tampering.stallAt = -1;
        m_stalled = true;
        m_pace.start(tampering.stallMs);
        return false;
    }
    if (tampering.cutAfter > m_sent) budget = qMin(budget, tampering.cutAfter - m_sent);
    if (tampering.stallAt > m_sent) budget = qMin(budget, tampering.stallAt - m_sent);
    budget = qMin(budget, m_response.length() - m_sent);
    QByteArray part = m_file.isOpen() ? m_file.read(budget) : m_response.body.mid(m_sent, budget);
    if (part.isEmpty()) {
        m_socket->abort();
        return false;
    }
    const qint64 flip = tampering.flipAt - m_sent;
    if (tampering.flipAt >= 0 && flip >= 0 && flip < part.size()) part[flip] = char(~part[flip]);
    m_sent += part.size();
    m_socket->write(part);
    return true;
}

void HttpConnection::done() {
    m_busy = false;
    m_file.close();
    const bool close = m_request.header("Connection").compare("close", Qt::CaseInsensitive) == 0;
    if (close) {
        m_socket->disconnectFromHost();
    } else if (!m_input.isEmpty()) {
        QMetaObject::invokeMethod(this, &HttpConnection::read, Qt::QueuedConnection);
    }
}

}  // namespace millm
