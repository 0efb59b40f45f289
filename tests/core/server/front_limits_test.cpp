#include "core/engine/input/regular_file.h"
#include "raw_client.h"
#include "test_front.h"

#include <QFile>
#include <QJsonDocument>
#include <QTest>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

using namespace millm::http;
using namespace std::chrono_literals;

namespace {

/// Resident memory of this process in bytes.
qint64 residentMemory() {
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    return file.readAll().split(' ').value(1).toLongLong() * 4096;
}

}  // namespace

/// What a stranger may cost: sizes, times, numbers of connections, and clients that do not read.
class FrontLimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refusesLargeHeads() {
        TestFront server;
        RawClient line(server.port);
        QCOMPARE(line.ask("GET /" + QByteArray(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 414);
        QVERIFY(line.waitClosed());
        RawClient endless(server.port);
        QCOMPARE(endless.ask("GET /" + QByteArray(100 * 1024, 'a')).status, 414);
        RawClient header(server.port);
        QCOMPARE(header.ask(request("GET", "/hello", "X: " + QByteArray(9000, 'a') + "\r\n")).status, 431);
        RawClient many(server.port);
        QByteArray headers;
        for (int i = 0; i < 200; ++i) headers += "X-" + QByteArray::number(i) + ": y\r\n";
        QCOMPARE(many.ask(request("GET", "/hello", headers)).status, 431);
        RawClient sum(server.port);
        headers.clear();
        for (int i = 0; i < 60; ++i) headers += "X-" + QByteArray::number(i) + ": " + QByteArray(1000, 'y') + "\r\n";
        QCOMPARE(sum.ask(request("GET", "/hello", headers)).status, 431);
    }

    void refusesLargeBodiesBeforeReadingThem() {
        TestFront server;
        RawClient said(server.port);
        const RawAnswer answer = said.ask("POST /api/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n");
        QCOMPARE(answer.status, 413);
        QCOMPARE(QJsonDocument::fromJson(answer.body).object().value("error").toObject().value("code").toString(),
                 "PAYLOAD_TOO_LARGE");
        RawClient exact(server.port);
        QCOMPARE(exact.ask(request("POST", "/api/text", {}, QByteArray(1024 * 1024, 'x'))).body.size(), 1024 * 1024);
        RawClient over(server.port);
        QCOMPARE(over.ask(request("POST", "/api/text", {}, QByteArray(1024 * 1024 + 1, 'x'))).status, 413);
        RawClient wider(server.port);
        const QByteArray json = "{\"a\":\"" + QByteArray(1536 * 1024, 'x') + "\"}";
        QCOMPARE(wider.ask(jsonRequest("POST", "/v1/json", json)).status, 200);
        // Chunks say no total: the limit is met on the way.
        RawClient chunks(server.port);
        chunks.send("POST /api/text HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        const QByteArray chunk = "10000\r\n" + QByteArray(0x10000, 'x') + "\r\n";
        for (int i = 0; i < 40 && chunks.isConnected(); ++i) chunks.send(chunk);
        QCOMPARE(chunks.readAnswer().status, 413);
    }

    void neverKeepsWhatItRefuses() {
        TestFront server;
        const qint64 before = residentMemory();
        for (int round = 0; round < 3; ++round) {
            RawClient client(server.port);
            client.send("POST /api/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n");
            for (int i = 0; i < 100 && client.isConnected(); ++i) client.send(QByteArray(1024 * 1024, 'x'));
        }
        QVERIFY2(residentMemory() - before < 48 * 1024 * 1024, qPrintable(QString::number(residentMemory() - before)));
    }

    void endsSlowHeads() {
        Limits limits;
        limits.headTime = 200ms;
        TestFront server(limits);
        RawClient silent(server.port);
        RawClient slow(server.port);
        // A byte now and then does not buy time: or the header would become too long, which is another answer.
        slow.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ");
        QVERIFY(RawClient::wait([&] {
            if (slow.socket().bytesAvailable() > 0 || !slow.isConnected()) return true;
            slow.socket().write("y");
            return false;
        }));
        QCOMPARE(slow.readAnswer().status, 408);
        QVERIFY(slow.waitClosed());
        QVERIFY(silent.waitClosed());
        QCOMPARE(silent.rest(), "");
    }

    void endsSlowBodies() {
        Limits limits;
        limits.bodyWindow = 1s;
        limits.bodyPace = 100;
        TestFront server(limits);
        RawClient slow(server.port);
        slow.send("POST /api/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\nabc");
        QCOMPARE(slow.readAnswer().status, 408);
        // Enough a window is fine, however long it takes.
        RawClient steady(server.port);
        steady.send("POST /api/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        QElapsedTimer clock;
        clock.start();
        qint64 sent = 0;
        QVERIFY(RawClient::wait([&] {
            if (clock.elapsed() > 2500 || !steady.isConnected()) return true;
            sent += steady.socket().write(QByteArray(20, 'x'));
            return false;
        }));
        steady.send(QByteArray(1'000'000 - sent, 'x'));
        QCOMPARE(steady.readAnswer().body.size(), 1'000'000);
    }

    void endsIdleConnectionsButNotBusyOnes() {
        Limits limits;
        limits.idleTime = 200ms;
        limits.headTime = 5s;
        TestFront server(limits);
        RawClient idle(server.port);
        QCOMPARE(idle.ask(request("GET", "/hello")).status, 200);
        RawClient busy(server.port);
        busy.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
        QVERIFY(idle.waitClosed());
        RawClient later(server.port);  // another one's whole idle time passes while the busy one is busy
        QCOMPARE(later.ask(request("GET", "/hello")).status, 200);
        QVERIFY(later.waitClosed());
        QVERIFY(busy.isConnected());
        server.parked->send(json(200, {}));
        QCOMPARE(busy.readAnswer().status, 200);
    }

    void turnsAwayWhoIsOneTooMany() {
        Limits limits;
        limits.connections = 3;
        TestFront server(limits);
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 3; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.port));
            clients.back()->send(request("GET", "/api/park"));
        }
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 3; }));
        {
            RawClient fourth(server.port);
            const RawAnswer answer = fourth.readAnswer();
            QCOMPARE(answer.status, 503);
            QVERIFY(!QJsonDocument::fromJson(answer.body).isNull());
            QVERIFY(!answer.header("retry-after").isEmpty());
        }
        clients.pop_back();
        QVERIFY(RawClient::wait([&] { return server.front.connections() == 2; }));
        RawClient next(server.port);
        QCOMPARE(next.ask(request("GET", "/hello")).status, 200);
    }

    /// Who waits for nothing makes room for who comes: the one that has waited longest first.
    void idleConnectionsMakeRoom() {
        Limits limits;
        limits.connections = 20;
        TestFront server(limits);
        RawClient busy(server.port);
        busy.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 1; }));
        std::vector<std::unique_ptr<RawClient>> idle;
        for (int i = 0; i < 100; ++i) {
            idle.push_back(std::make_unique<RawClient>(server.port));
            if (i % 2 == 0) idle.back()->send("GET /slow");  // a head that never ends
        }
        for (int i = 0; i < 10; ++i) {
            RawClient next(server.port);
            QCOMPARE(next.ask(request("GET", "/hello")).status, 200);
        }
        QVERIFY(idle.front()->waitClosed());
        QVERIFY(server.front.connections() <= 21);
        QVERIFY(busy.isConnected());
        QCOMPARE(server.front.underWay(), 1);
    }

    /// Thousands that ask nothing, and streams beside them: whoever asks is answered, and the streams go on.
    void servesBesideIdleOnesAndStreams() {
        rlimit files{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &files), 0);
        files.rlim_cur = files.rlim_max;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &files), 0);
        const int many = int(std::min<rlim_t>(5000, files.rlim_max / 4));
        TestFront server;
        std::vector<std::unique_ptr<RawClient>> readers;
        std::vector<QPointer<EventStream>> streams;
        for (int i = 0; i < 64; ++i) {
            server.stream = nullptr;
            readers.push_back(std::make_unique<RawClient>(server.port));
            readers.back()->send(request("GET", "/api/stream"));
            QVERIFY(RawClient::wait([&] { return !server.stream.isNull(); }));
            streams.push_back(server.stream);
        }
        std::vector<millm::engine::Descriptor> idle;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < many; ++i) {
            const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            QVERIFY(socket >= 0);
            idle.emplace_back(socket);
            (void)::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof address);
            if (i % 100 == 99) QTest::qWait(0);
        }
        for (int i = 0; i < 64; ++i) {
            RawClient newcomer(server.port);
            QCOMPARE(newcomer.ask(request("GET", "/hello")).status, 200);
            QVERIFY(streams[std::size_t(i)]);
            streams[std::size_t(i)]->end("{\"n\":" + QByteArray::number(i) + "}");
            QVERIFY(readers[std::size_t(i)]->readAnswer().body.endsWith("data: {\"n\":" + QByteArray::number(i) + "}\n\n"));
        }
        QVERIFY(server.front.connections() <= Limits().connections);
        QCOMPARE(server.abandoned, 0);
    }

    /// Many bodies that do not end take no more memory than they may all together, and then there is room again.
    void limitsAllBodiesTogether_data() {
        QTest::addColumn<bool>("ofPeer");
        QTest::newRow("all") << false;
        QTest::newRow("of one address") << true;
    }
    void limitsAllBodiesTogether() {
        QFETCH(bool, ofPeer);
        Limits limits;
        (ofPeer ? limits.bodiesOfPeer : limits.bodies) = 1024 * 1024;
        TestFront server(limits);
        const QByteArray most(900 * 1024, ' ');
        std::vector<std::unique_ptr<RawClient>> slow;
        for (int i = 0; i < 3; ++i) {
            slow.push_back(std::make_unique<RawClient>(server.port));
            slow.back()->send(
                "POST /api/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                "1000000\r\n\r\n" +
                most);
        }
        int refused = 0;
        for (const auto &client : slow) {
            const RawAnswer answer = client->readAnswer(false, 500);
            if (answer.status == 0) continue;
            QCOMPARE(answer.status, 503);
            QVERIFY(!answer.header("retry-after").isEmpty());
            QCOMPARE(answer.body.contains("this address"), ofPeer);
            ++refused;
        }
        QCOMPARE(refused, 2);
        slow.clear();
        RawClient next(server.port);
        QCOMPARE(next.ask(jsonRequest("POST", "/api/json", "{\"a\":1}")).status, 200);
    }

    void noticesClientsThatLeave() {
        TestFront server;
        {
            RawClient client(server.port);
            client.send(request("GET", "/api/park"));
            QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
            QCOMPARE(server.front.underWay(), 1);
        }
        QVERIFY(RawClient::wait([&] { return server.abandoned == 1; }));
        QVERIFY(RawClient::wait([&] { return server.parked.isNull() && server.front.connections() == 0; }));
        QCOMPARE(server.front.underWay(), 0);
    }

    void noticesClientsThatLeaveBehindAFullBuffer_data() {
        QTest::addColumn<int>("kib");
        QTest::newRow("more than is kept") << 200;
        QTest::newRow("more than all buffers hold") << 16 * 1024;
    }

    void noticesClientsThatLeaveBehindAFullBuffer() {
        QFETCH(int, kib);
        Limits limits;
        limits.idleTime = 200ms;  // makes the clock look often
        TestFront server(limits);
        {
            RawClient client(server.port);
            client.send(request("GET", "/api/park"));
            QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
            client.socket().write(QByteArray(kib * 1024, '\n'));
            client.socket().waitForBytesWritten(100);
        }
        QVERIFY(RawClient::wait([&] { return server.abandoned == 1; }));
        QCOMPARE(server.front.underWay(), 0);
    }

    void answersWhoSentTooMuchAndEnds() {
        Limits limits;
        limits.idleTime = 200ms;
        limits.lingerBytes = 64 * 1024 * 1024;
        TestFront server(limits);
        RawClient client(server.port);
        client.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
        // No buffer on the way holds so much: it can be sent only where it is thrown away.
        client.send(request("GET", "/hello").repeated(700'000));
        QCOMPARE(client.socket().bytesToWrite(), 0);
        server.parked->send(json(200, {{"late", true}}));
        QCOMPARE(client.readAnswer().body, R"({"late":true})");
        QVERIFY(client.waitClosed());
        QCOMPARE(client.rest(), "");
    }

    void cutsStreamsThatNobodyReads() {
        TestFront server;
        QTcpSocket socket;
        socket.setReadBufferSize(1024);
        socket.connectToHost(QStringLiteral("127.0.0.1"), server.port);
        QVERIFY(RawClient::wait([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        socket.write(request("GET", "/api/stream"));
        QVERIFY(RawClient::wait([&] { return !server.stream.isNull(); }));
        QCOMPARE(server.front.streams(), 1);
        const qint64 before = residentMemory();
        const QByteArray event(64 * 1024, 'x');
        qint64 sent = 0;
        while (server.abandoned == 0 && sent < 512 * 1024 * 1024) {
            if (server.stream) server.stream->sendText(event);
            sent += event.size();
            QTest::qWait(0);
        }
        QCOMPARE(server.abandoned, 1);
        QVERIFY(RawClient::wait([&] { return server.front.streams() == 0; }));
        QVERIFY2(residentMemory() - before < 16 * 1024 * 1024, qPrintable(QString::number(residentMemory() - before)));
    }

    void cutsAnswersThatNobodyTakes() {
        Limits limits;
        limits.writeStall = 300ms;
        TestFront server(limits);
        QTcpSocket socket;
        socket.setReadBufferSize(1024);
        socket.connectToHost(QStringLiteral("127.0.0.1"), server.port);
        QVERIFY(RawClient::wait([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        socket.write(request("GET", "/api/large"));
        QVERIFY(RawClient::wait([&] { return server.front.connections() == 0; }));
    }

    void keepsWaitingStreamsAlive() {
        TestFront server;
        RawClient client(server.port);
        client.send(request("GET", "/api/stream"));
        QVERIFY(RawClient::wait([&] { return client.rest(10).count(": waiting\n\n") >= 2; }));
        server.stream->end("{\"a\":1}");
        const RawAnswer answer = client.readAnswer();
        QCOMPARE(answer.header("content-type"), "text/event-stream; charset=utf-8");
        QVERIFY(answer.body.endsWith("data: {\"a\":1}\n\n"));
        QCOMPARE(client.ask(request("GET", "/hello")).status, 200);
    }

    void shutsDownInOrder() {
        TestFront server;
        RawClient idle(server.port), busy(server.port);
        QCOMPARE(idle.ask(request("GET", "/hello")).status, 200);
        busy.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
        const QFuture<void> stopped = server.front.shutDown(5);
        QVERIFY(idle.waitClosed());
        QVERIFY(!stopped.isFinished());
        RawClient late(server.port);
        QVERIFY(!late.isConnected());
        server.parked->send(json(200, {{"last", true}}));
        QCOMPARE(busy.readAnswer().body, R"({"last":true})");
        QVERIFY(RawClient::wait([&] { return stopped.isFinished(); }));
    }

    void cutsWhatDoesNotEnd() {
        TestFront server;
        RawClient busy(server.port);
        busy.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
        const QFuture<void> stopped = server.front.shutDown(1);
        QVERIFY(busy.isConnected());
        QVERIFY(RawClient::wait([&] { return stopped.isFinished(); }));
        QCOMPARE(server.abandoned, 1);
    }
};

QTEST_GUILESS_MAIN(FrontLimitsTest)
#include "front_limits_test.moc"
