#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QHash>
#include <QTcpSocket>
#include <QTest>

/// An answer as it came over the line.
struct RawAnswer {
    int status = 0;                         ///< 0: none came
    QHash<QByteArray, QByteArray> headers;  ///< names in lower case
    QByteArray body;
    QByteArray header(const QByteArray &name) const { return headers.value(name); }
};

/// Sends bytes as they are and takes answers apart, with no HTTP library in between. Runs the event loop while it waits, so
/// that client and server may share a thread.
class RawClient {
public:
    static constexpr int patience = 60000;  ///< ms; what a loaded machine may take, not what anything should

    explicit RawClient(quint16 port, const QString &host = QStringLiteral("127.0.0.1")) {
        m_socket.connectToHost(host, port);
        wait([this] {
            return m_socket.state() == QAbstractSocket::ConnectedState ||
                   m_socket.error() != QAbstractSocket::UnknownSocketError;
        });
    }

    QTcpSocket &socket() { return m_socket; }
    bool isConnected() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    void send(const QByteArray &bytes) {
        m_socket.write(bytes);
        wait([this] { return m_socket.bytesToWrite() == 0 || !isConnected(); });
    }
    /// Waits for the end for as long as bytes keep coming: @p ms is how long the line may be silent.
    bool waitClosed(int ms = patience) {
        const auto more = [this] {
            const QByteArray came = m_socket.readAll();
            m_buffer += came;
            return !came.isEmpty();
        };
        while (wait([&] { return more() || !isConnected(); }, ms))
            if (!isConnected()) {
                more();
                return true;
            }
        return false;
    }
    /// What came so far and was not read as an answer.
    QByteArray rest(int ms = 50) {
        QTest::qWait(ms);
        m_buffer += m_socket.readAll();
        return m_buffer;
    }

    RawAnswer readAnswer(bool head = false, int ms = patience) {
        RawAnswer answer;
        qsizetype end = -1;
        wait(
            [&] {
                m_buffer += m_socket.readAll();
                end = m_buffer.indexOf("\r\n\r\n");
                return end >= 0 || !isConnected();
            },
            ms);
        if (end < 0) return answer;
        const QList<QByteArray> lines = m_buffer.first(end).split('\n');
        answer.status = lines.first().split(' ').value(1).toInt();
        for (qsizetype i = 1; i < lines.size(); ++i) {
            const qsizetype colon = lines[i].indexOf(':');
            answer.headers.insert(lines[i].first(colon).toLower(), lines[i].sliced(colon + 1).trimmed());
        }
        m_buffer.remove(0, end + 4);
        if (answer.status == 100) return readAnswer(head, ms);
        if (head) return answer;
        if (answer.header("transfer-encoding") == "chunked")
            readChunks(answer, ms);
        else
            readFixed(answer, answer.header("content-length").toLongLong(), ms);
        return answer;
    }

    RawAnswer ask(const QByteArray &bytes, bool head = false) {
        send(bytes);
        return readAnswer(head);
    }

    template <class F>
    static bool wait(F done, int ms = patience) {
        QElapsedTimer clock;
        clock.start();
        while (!done()) {
            if (clock.elapsed() > ms) return false;
            QTest::qWait(1);
        }
        return true;
    }

private:
    void readFixed(RawAnswer &answer, qint64 size, int ms) {
        wait(
            [&] {
                m_buffer += m_socket.readAll();
                return m_buffer.size() >= size || !isConnected();
            },
            ms);
        answer.body = m_buffer.left(size);
        m_buffer.remove(0, answer.body.size());
    }
    void readChunks(RawAnswer &answer, int ms) {
        while (true) {
            qsizetype end = -1;
            const bool came = wait(
                [&] {
                    m_buffer += m_socket.readAll();
                    end = m_buffer.indexOf("\r\n");
                    if (end < 0) return !isConnected();
                    const qint64 size = m_buffer.first(end).toLongLong(nullptr, 16);
                    return m_buffer.size() >= end + 2 + size + 2 || !isConnected();
                },
                ms);
            if (!came || end < 0) return;
            const qint64 size = m_buffer.first(end).toLongLong(nullptr, 16);
            answer.body += m_buffer.mid(end + 2, size);
            m_buffer.remove(0, end + 2 + size + 2);
            if (size == 0) return;
        }
    }

    QTcpSocket m_socket;
    QByteArray m_buffer;
};

/// A request with a Host header of the loopback.
inline QByteArray request(const QByteArray &method, const QByteArray &path, const QByteArray &headers = {},
                          const QByteArray &body = {}) {
    QByteArray bytes = method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (!body.isEmpty()) bytes += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return bytes + "\r\n" + body;
}

inline QByteArray jsonRequest(const QByteArray &method, const QByteArray &path, const QByteArray &body,
                              const QByteArray &headers = {}) {
    return request(method, path, "Content-Type: application/json\r\n" + headers, body);
}
