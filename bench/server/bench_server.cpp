// The HTTP server under load: requests a second and how long one waits, by number of connections, and beside thousands that
// are idle, streams and TLS. Client and server share the process, each with a thread of its own.
#include "core/base/settings.h"
#include "core/server/http/certificate.h"
#include "core/server/http/event_stream.h"
#include "core/server/http/exchange.h"
#include "core/server/http/front.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QSslSocket>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

namespace {

using namespace millm;

const QByteArray question = "GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
const QByteArray jsonQuestion =
    "POST /api/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    "14\r\n\r\n{\"force\":true}";

double residentMegabytes() {
    QFile file(QStringLiteral("/proc/self/statm"));
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toDouble() * 4096 / 1e6 : 0;
}

std::shared_ptr<http::RouteTable> routes() {
    using namespace http;
    return std::make_shared<RouteTable>(
        QList<Area>{{"/api", ErrorStyle::Management, true, 1024 * 1024}},
        QList<Route>{
            {"GET", "/api/hello", Body::None, [](Exchange &x) { x.send(json(200, {{QStringLiteral("success"), true}})); }},
            {"POST", "/api/json", Body::Json, [](Exchange &x) { x.send(json(200, x.json())); }},
            {"GET", "/api/stream", Body::None, [](Exchange &x) {
                 auto *stream = new EventStream(x);
                 auto *clock = new QTimer(stream);  // twenty tokens a second
                 QObject::connect(clock, &QTimer::timeout, stream, [stream] { stream->sendText(QByteArray(200, 'x')); });
                 clock->start(50);
             }}});
}

/// One keep-alive connection that asks again as soon as it is answered.
class Asker {
public:
    Asker(quint16 port, const QByteArray &question, bool tls, QList<qint64> &times) : m_question(question), m_times(times) {
        if (tls)
            QObject::connect(&m_socket, &QSslSocket::encrypted, &m_socket, [this] { ask(); });
        else
            QObject::connect(&m_socket, &QTcpSocket::connected, &m_socket, [this] { ask(); });
        QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket, [this] {
            m_buffer += m_socket.readAll();
            const qsizetype end = m_buffer.indexOf("\r\n\r\n");
            if (end < 0) return;
            const qsizetype at = m_buffer.toLower().indexOf("content-length:");
            const qsizetype size = m_buffer.mid(at + 15, 8).split('\r').first().trimmed().toLongLong();
            if (m_buffer.size() < end + 4 + size) return;
            m_buffer.clear();
            m_times.append(m_clock.nsecsElapsed());
            ask();
        });
        m_socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        if (tls)
            m_socket.connectToHostEncrypted(QStringLiteral("127.0.0.1"), port);
        else
            m_socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    }

private:
    void ask() {
        m_clock.start();
        m_socket.write(m_question);
    }
    QSslSocket m_socket;
    const QByteArray m_question;
    QList<qint64> &m_times;
    QByteArray m_buffer;
    QElapsedTimer m_clock;
};

void measure(quint16 port, const char *name, const QByteArray &question, int connections, int seconds, bool tls = false) {
    QList<qint64> times;
    std::vector<std::unique_ptr<Asker>> askers;
    for (int i = 0; i < connections; ++i) askers.push_back(std::make_unique<Asker>(port, question, tls, times));
    QEventLoop loop;
    QTimer::singleShot(std::chrono::seconds(seconds), &loop, &QEventLoop::quit);
    loop.exec();
    askers.clear();
    std::ranges::sort(times);
    const auto at = [&](double part) {
        return times.isEmpty() ? 0.0 : double(times[qsizetype(double(times.size() - 1) * part)]) / 1e6;
    };
    std::printf("| %-16s | %11d | %12.0f | %9.2f | %9.2f |\n", name, connections, double(times.size()) / seconds, at(0.5),
                at(0.99));
    std::fflush(stdout);
}

/// Connections that ask nothing and stay. Nobody looks at them here: they are to cost the server alone.
class Idle {
public:
    Idle(quint16 port, int count) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < count; ++i) {
            const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (socket < 0) break;
            m_sockets.push_back(socket);
            if (::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) break;
        }
    }
    ~Idle() {
        for (const int socket : m_sockets) ::close(socket);
    }
    Idle(const Idle &) = delete;
    Idle &operator=(const Idle &) = delete;
    int count() const { return int(m_sockets.size()); }

private:
    std::vector<int> m_sockets;
};

/// Clients that read streams.
std::vector<std::unique_ptr<QTcpSocket>> streams(quint16 port, int count) {
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    for (int i = 0; i < count; ++i) {
        auto *socket = sockets.emplace_back(std::make_unique<QTcpSocket>()).get();
        QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->readAll(); });
        QObject::connect(socket, &QTcpSocket::connected, socket,
                         [socket] { socket->write("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"); });
        socket->connectToHost(QStringLiteral("127.0.0.1"), port);
    }
    return sockets;
}

}  // namespace

int main(int argc, char **argv) {
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Requests a second of the HTTP server."));
    parser.addHelpOption();
    const QCommandLineOption seconds(QStringLiteral("seconds"), QStringLiteral("Time of each row (default 3)."),
                                     QStringLiteral("n"), QStringLiteral("3"));
    const QCommandLineOption certificate(QStringLiteral("tls-certificate"), QStringLiteral("Measure HTTPS, too."),
                                         QStringLiteral("file"));
    const QCommandLineOption key(QStringLiteral("tls-key"), QStringLiteral("Its key."), QStringLiteral("file"));
    parser.addOptions({seconds, certificate, key});
    parser.process(app);
    const int time = parser.value(seconds).toInt();
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &files);
    }

    QThread thread;
    thread.setObjectName(QStringLiteral("server"));
    QObject context;
    context.moveToThread(&thread);
    thread.start();
    std::unique_ptr<http::Front> front, secure;
    std::unique_ptr<http::CertificateFiles> certificates;
    quint16 port = 0, securePort = 0;
    QMetaObject::invokeMethod(
        &context,
        [&] {
            auto table = routes();
            const auto gate = std::make_shared<http::Gate>(Settings(), table);
            front = std::make_unique<http::Front>(table, gate);
            port = front->listen(QHostAddress::LocalHost, 0);
            if (!parser.isSet(certificate)) return;
            certificates = std::make_unique<http::CertificateFiles>(parser.value(certificate), parser.value(key));
            if (const auto read = certificates->read(); !read) qFatal("%s", qPrintable(read.error().message));
            secure = std::make_unique<http::Front>(table, gate, http::Limits(), certificates.get());
            securePort = secure->listen(QHostAddress::LocalHost, 0);
        },
        Qt::BlockingQueuedConnection);

    std::printf("| request          | connections | requests / s | median ms |    p99 ms |\n|---|---|---|---|---|\n");
    for (const int connections : {1, 16, 64, 256}) {
        measure(port, "GET", question, connections, time);
        measure(port, "POST with JSON", jsonQuestion, connections, time);
        if (secure) measure(securePort, "GET, TLS", question, connections, time, true);
    }
    {
        const double before = residentMegabytes();
        const Idle idle(port, 5000);
        QThread::sleep(1);
        std::printf("\n%d idle connections, %d of them open, %.0f MB:\n", idle.count(), front->connections(),
                    residentMegabytes() - before);
        measure(port, "GET", question, 1, time);
        measure(port, "GET", question, 16, time);
        std::printf("\nand 64 streams of 20 events a second:\n");
        const auto readers = streams(port, 64);
        measure(port, "GET", question, 1, time);
        measure(port, "GET", question, 16, time);
    }
    std::printf("\nresident memory: %.0f MB\n", residentMegabytes());

    QMetaObject::invokeMethod(&context, [&] { secure.reset(), certificates.reset(); }, Qt::BlockingQueuedConnection);
    QMetaObject::invokeMethod(&context, [&] { front.reset(); }, Qt::BlockingQueuedConnection);
    thread.quit();
    thread.wait();
    return 0;
}
