// The HTTP server under load: requests a second and how long one waits, by number of connections; memory of clients that
// do not read. Client and server share the process, each with a thread of its own.
#include "core/base/settings.h"
#include "core/server/http/exchange.h"
#include "core/server/http/front.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <cstdio>

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
            {"POST", "/api/json", Body::Json, [](Exchange &x) { x.send(json(200, x.json())); }}});
}

/// One keep-alive connection that asks again as soon as it is answered.
class Asker {
public:
    Asker(quint16 port, const QByteArray &question, QList<qint64> &times) : m_question(question), m_times(times) {
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
        m_socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    }

private:
    void ask() {
        m_clock.start();
        m_socket.write(m_question);
    }
    QTcpSocket m_socket;
    const QByteArray m_question;
    QList<qint64> &m_times;
    QByteArray m_buffer;
    QElapsedTimer m_clock;
};

void measure(quint16 port, const char *name, const QByteArray &question, int connections, int seconds) {
    QList<qint64> times;
    std::vector<std::unique_ptr<Asker>> askers;
    for (int i = 0; i < connections; ++i) askers.push_back(std::make_unique<Asker>(port, question, times));
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

}  // namespace

int main(int argc, char **argv) {
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Requests a second of the HTTP server."));
    parser.addHelpOption();
    const QCommandLineOption seconds(QStringLiteral("seconds"), QStringLiteral("Time of each row (default 3)."),
                                     QStringLiteral("n"), QStringLiteral("3"));
    parser.addOption(seconds);
    parser.process(app);

    QThread thread;
    thread.setObjectName(QStringLiteral("server"));
    QObject context;
    context.moveToThread(&thread);
    thread.start();
    std::unique_ptr<http::Front> front;
    quint16 port = 0;
    QMetaObject::invokeMethod(
        &context,
        [&] {
            auto table = routes();
            front = std::make_unique<http::Front>(table, std::make_shared<http::Gate>(Settings(), table));
            port = front->listen(QHostAddress::LocalHost, 0);
        },
        Qt::BlockingQueuedConnection);

    std::printf("| request          | connections | requests / s | median ms |    p99 ms |\n|---|---|---|---|---|\n");
    for (const int connections : {1, 16, 64, 256}) {
        measure(port, "GET", question, connections, parser.value(seconds).toInt());
        measure(port, "POST with JSON", jsonQuestion, connections, parser.value(seconds).toInt());
    }
    std::printf("\nresident memory: %.0f MB\n", residentMegabytes());

    QMetaObject::invokeMethod(&context, [&] { front.reset(); }, Qt::BlockingQueuedConnection);
    thread.quit();
    thread.wait();
    return 0;
}
