#include "core/base/settings.h"
#include "core/server/http/front.h"
#include "core/server/socketio/event_server.h"
#include "raw_client.h"

#include <QJsonDocument>
#include <QRegularExpression>
#include <QTest>
#include <QWebSocket>

#include <algorithm>
#include <memory>
#include <vector>

using namespace millm;
using namespace millm::socketio;
using namespace std::chrono_literals;

namespace {

/// An EventServer behind a Front.
struct EventFixture {
    explicit EventFixture(const SessionOptions &options = {}, const Settings &settings = {}, const http::Limits &limits = {})
        : events({"/progress"}, options),
          routes(std::make_shared<http::RouteTable>(
              QList<http::Area>{{"/socket.io", http::ErrorStyle::EngineIo, false, 1024 * 1024}},
              QList<http::Route>{{"GET", "/socket.io/", http::Body::None, [this](http::Exchange &x) { events.get(x); }, true},
                                 {"POST", "/socket.io/", http::Body::Text, [this](http::Exchange &x) { events.post(x); }}})),
          gate(std::make_shared<http::Gate>(settings, routes)),
          front(routes, gate, limits) {
        events.setGate(gate);
        QObject::connect(&front, &http::Front::webSocketOpened, &events, &EventServer::adopt);
        port = front.listen(QHostAddress::LocalHost, 0);
    }
    EventServer events;
    std::shared_ptr<http::RouteTable> routes;
    std::shared_ptr<http::Gate> gate;
    http::Front front;
    quint16 port = 0;
};

constexpr const char *polling = "/socket.io/?EIO=4&transport=polling";

/// A polling client on one connection for polls and one for posts.
class PollingClient {
public:
    explicit PollingClient(quint16 port, const QByteArray &headers = {}) : m_polls(port), m_posts(port) {
        open = m_polls.ask(request("GET", polling, headers));
        m_id = QJsonDocument::fromJson(open.body.mid(1)).object().value("sid").toString().toLatin1();
    }
    QByteArray path() const { return polling + ("&sid=" + m_id); }
    RawAnswer poll() { return m_polls.ask(request("GET", path())); }
    void startPoll() { m_polls.send(request("GET", path())); }
    RawAnswer endPoll() { return m_polls.readAnswer(); }
    RawAnswer post(const QByteArray &body) {
        return m_posts.ask(request("POST", path(), "Content-Type: text/plain;charset=UTF-8\r\n", body));
    }
    bool enter(const QByteArray &auth = {}) {
        post("40/progress," + auth);
        return poll().body.startsWith("40/progress,{\"sid\":");
    }
    RawAnswer open;

private:
    RawClient m_polls, m_posts;
    QByteArray m_id;
};

/// A WebSocket client that keeps what it is sent.
struct SocketClient {
    SocketClient(quint16 port, const QByteArray &query, const QByteArray &origin = {}) : socket(QString::fromLatin1(origin)) {
        QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                         [this](const QString &text) { texts += text.toUtf8(); });
        socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/socket.io/?%2").arg(port).arg(QString::fromLatin1(query))));
        RawClient::wait([this] {
            return socket.state() == QAbstractSocket::ConnectedState ||
                   (failed = socket.state() == QAbstractSocket::UnconnectedState);
        });
    }
    QByteArray next() {
        RawClient::wait([this] { return !texts.isEmpty() || socket.state() != QAbstractSocket::ConnectedState; });
        return texts.isEmpty() ? QByteArray() : texts.takeFirst();
    }
    bool waitClosed() {
        return RawClient::wait([this] { return socket.state() == QAbstractSocket::UnconnectedState; });
    }
    QWebSocket socket;
    QList<QByteArray> texts;
    bool failed = false;
};

}  // namespace

/// Engine.IO and Socket.IO as raw clients see them: sessions, transports, bounds.
class EventsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void opensASession() {
        EventFixture server;
        PollingClient client(server.port);
        QCOMPARE(client.open.status, 200);
        QVERIFY(client.open.body.startsWith("0{"));
        const QJsonObject open = QJsonDocument::fromJson(client.open.body.mid(1)).object();
        QCOMPARE(open.value("upgrades"), (QJsonArray{"websocket"}));
        QCOMPARE(open.value("pingInterval").toInt(), 25000);
        QCOMPARE(open.value("pingTimeout").toInt(), 20000);
        QVERIFY(open.value("maxPayload").toInt() > 0);
        QVERIFY(client.enter());
        QCOMPARE(server.events.listeners(), 1);
        server.events.broadcast("/progress", {QStringLiteral("a"), {{"n", 1}}});
        server.events.broadcast("/progress", {QStringLiteral("b"), {{"n", 2}}});
        QCOMPARE(client.poll().body,
                 "42/progress,[\"a\",{\"n\":1}]\x1e"
                 "42/progress,[\"b\",{\"n\":2}]");
        client.startPoll();
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 1; }));
        server.events.broadcast("/progress", {QStringLiteral("c"), {}});
        QCOMPARE(client.endPoll().body, "42/progress,[\"c\",{}]");
        QCOMPARE(client.post("41/progress,").status, 200);
        QCOMPARE(server.events.listeners(), 0);
        QCOMPARE(client.post("1").status, 200);
        QCOMPARE(server.events.sessions(), 0);
    }

    void refusesBadHandshakes() {
        EventFixture server;
        RawClient client(server.port);
        const auto code = [&](const QByteArray &method, const QByteArray &path) {
            const RawAnswer answer = client.ask(request(method, path, "Content-Type: text/plain\r\n"));
            return answer.status == 400 ? QJsonDocument::fromJson(answer.body).object().value("code").toInt(-1)
                                        : -answer.status;
        };
        QCOMPARE(code("GET", "/socket.io/"), 5);
        QCOMPARE(code("GET", "/socket.io/?EIO=3&transport=polling"), 5);
        QCOMPARE(code("GET", "/socket.io/?EIO=4&transport=carrier-pigeon"), 0);
        QCOMPARE(code("GET", "/socket.io/?EIO=4&transport=websocket"), 3);
        QCOMPARE(code("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody"), 1);
        QCOMPARE(code("POST", "/socket.io/?EIO=4&transport=polling"), 2);
        QCOMPARE(code("POST", "/socket.io/?EIO=4&transport=polling&sid=nobody"), 1);
        QCOMPARE(code("GET", "/socket.io"), -404);
        QCOMPARE(client.ask(request("GET", polling, "Origin: http://evil.example\r\n")).status, 403);
        QCOMPARE(server.events.sessions(), 0);
    }

    void refusesUnknownNamespaces() {
        EventFixture server;
        PollingClient client(server.port);
        client.post("40/other,");
        QCOMPARE(client.poll().body, R"(44/other,{"message":"Invalid namespace"})");
        client.post("40");
        QCOMPARE(client.poll().body, R"(44{"message":"Invalid namespace"})");
        QVERIFY(client.enter());
    }

    void wantsTheKeySomewhere() {
        Settings settings;
        settings.apiKeys = {apiKey(QStringLiteral("one"), "s3cret")};
        EventFixture server({}, settings);
        PollingClient without(server.port);
        without.post("40/progress,");
        QCOMPARE(without.poll().body, R"(44/progress,{"message":"Unauthorized"})");
        without.post(R"(40/progress,{"token":"wrong"})");
        QCOMPARE(without.poll().body, R"(44/progress,{"message":"Unauthorized"})");
        QVERIFY(without.enter(R"({"token":"s3cret"})"));
        PollingClient header(server.port, "Authorization: Bearer s3cret\r\n");
        QVERIFY(header.enter());
    }

    void endsSessionsThatMisbehave() {
        for (const QByteArray &body :
             QList<QByteArray>{"hello", "9", "4", "4x", "42[\"to nobody\"]", "2", "0", "5", "451-/progress,[\"x\"]"}) {
            EventFixture server;
            PollingClient client(server.port);
            client.post(body);
            QVERIFY2(server.events.sessions() == 0 || body.startsWith("451"), body);
        }
    }

    void countsBinaryAttachments() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        // Nobody listens to it, but the session goes on.
        QCOMPARE(client
                     .post("451-/progress,[\"x\",{\"_placeholder\":true,\"num\":0}]\x1e"
                           "bAQID")
                     .status,
                 200);
        QCOMPARE(client.post("42/progress,[\"y\"]").status, 200);
        QCOMPARE(server.events.sessions(), 1);
        client.post("bAQID");  // belongs to no event
        QCOMPARE(server.events.sessions(), 0);
    }

    void speaksOverWebSocketAlone() {
        EventFixture server;
        SocketClient client(server.port, "EIO=4&transport=websocket");
        QVERIFY(client.next().startsWith("0{"));
        client.socket.sendTextMessage(QStringLiteral("40/progress,"));
        QVERIFY(client.next().startsWith("40/progress,"));
        server.events.broadcast("/progress", {QStringLiteral("a"), {{"ü", "€"}}});
        QCOMPARE(client.next(), R"(42/progress,["a",{"ü":"€"}])");
        client.socket.close();
        QVERIFY(RawClient::wait([&] { return server.events.sessions() == 0 && server.front.connections() == 0; }));
    }

    void upgradesFromPolling() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        client.startPoll();
        SocketClient socket(server.port, "EIO=4&transport=websocket&sid=" + client.path().split('=').last());
        socket.socket.sendTextMessage(QStringLiteral("2probe"));
        QCOMPARE(socket.next(), "3probe");
        QCOMPARE(client.endPoll().body, "6");
        server.events.broadcast("/progress", {QStringLiteral("between"), {}});
        socket.socket.sendTextMessage(QStringLiteral("5"));
        QCOMPARE(socket.next(), R"(42/progress,["between",{}])");
        QCOMPARE(client.poll().status, 400);
        server.events.broadcast("/progress", {QStringLiteral("after"), {}});
        QCOMPARE(socket.next(), R"(42/progress,["after",{}])");
        QCOMPARE(server.events.sessions(), 1);
    }

    void givesUpUpgradesThatStall() {
        SessionOptions options;
        options.upgradeTimeout = 100ms;
        EventFixture server(options);
        PollingClient client(server.port);
        QVERIFY(client.enter());
        SocketClient socket(server.port, "EIO=4&transport=websocket&sid=" + client.path().split('=').last());
        QVERIFY(socket.waitClosed());
        server.events.broadcast("/progress", {QStringLiteral("a"), {}});
        QCOMPARE(client.poll().body, R"(42/progress,["a",{}])");
    }

    void refusesForeignWebSockets() {
        EventFixture server;
        SocketClient foreign(server.port, "EIO=4&transport=websocket", "http://evil.example");
        QVERIFY(foreign.failed);
        SocketClient unknown(server.port, "EIO=4&transport=websocket&sid=nobody");
        QVERIFY(unknown.waitClosed());
        QCOMPARE(server.events.sessions(), 0);
    }

    void pingsAndMissesPongs() {
        SessionOptions options;
        options.pingInterval = 100ms;
        options.pingTimeout = 3s;  // what a pong may take where the machine has other work
        EventFixture server(options);
        SocketClient client(server.port, "EIO=4&transport=websocket");
        QVERIFY(client.next().startsWith("0{"));
        client.socket.sendTextMessage(QStringLiteral("40/progress,"));
        client.next();
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(client.next(), "2");
            client.socket.sendTextMessage(QStringLiteral("3"));
        }
        QCOMPARE(server.events.sessions(), 1);
        QCOMPARE(client.next(), "2");
        QVERIFY(client.waitClosed());
        QCOMPARE(server.events.sessions(), 0);
    }

    void endsSessionsInNoNamespace() {
        SessionOptions options;
        options.connectTimeout = 2s;
        EventFixture server(options);
        PollingClient client(server.port);
        QCOMPARE(server.events.sessions(), 1);
        QVERIFY(RawClient::wait([&] { return server.events.sessions() == 0; }));
    }

    void keepsTheNewestProgressForSlowClients() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        for (int i = 0; i < 5000; ++i) server.events.broadcast("/progress", {QStringLiteral("progress"), {{"n", i}}, "d1"});
        server.events.broadcast("/progress", {QStringLiteral("complete"), {}});
        QCOMPARE(client.poll().body,
                 "42/progress,[\"progress\",{\"n\":4999}]\x1e"
                 "42/progress,[\"complete\",{}]");
    }

    /// The newest stands where it came to be: behind what happened meanwhile.
    void keepsTheOrderWhereItLeavesOut() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        const auto tell = [&](const char *name, int n, const QByteArray &key) {
            server.events.broadcast("/progress", {QString::fromLatin1(name), {{"n", n}}, key});
        };
        tell("updated", 1, "u7");
        tell("progress", 2, "d7");
        tell("complete", 3, {});
        tell("updated", 4, "u7");
        tell("progress", 5, "d8");
        tell("deleted", 6, {});
        tell("progress", 7, "d8");
        QList<int> numbers;
        for (const QByteArray &packet : client.poll().body.split('\x1e'))
            numbers +=
                QJsonDocument::fromJson(packet.sliced(packet.indexOf('['))).array().at(1)[QLatin1StringView("n")].toInt();
        QCOMPARE(numbers, (QList<int>{2, 3, 4, 6, 7}));
    }

    void tellsWhoEntersHowThingsStand() {
        SessionOptions options;
        options.maxQueued = 8;
        options.stateKnown = 0ms;
        EventFixture server(options);
        QList<Event> state{{QStringLiteral("updated"), {{"n", 1}}, "u1"}, {QStringLiteral("progress"), {{"n", 2}}, "d1"}};
        server.events.setState([&](const QByteArray &nsp) { return nsp == "/progress" ? state : QList<Event>(); });
        PollingClient client(server.port);
        client.post("40/progress,");
        const QByteArray entered = client.poll().body;
        QVERIFY(entered.startsWith("40/progress,{\"sid\":"));
        const QByteArray told = R"(42/progress,["updated",{"n":1}])"
                                "\x1e"
                                R"(42/progress,["progress",{"n":2}])";
        QVERIFY2(entered.endsWith("}\x1e" + told), entered);
        // And again who asks, with an acknowledgement or without.
        client.post(R"(42/progress,12["state"])");
        QCOMPARE(client.poll().body, told + "\x1e" + R"(43/progress,12[{"data":null,"success":true}])");
        client.post(R"(42/progress,["state"])");
        QCOMPARE(client.poll().body, told);
        // So much that it would count as left behind: the rest is told as it changes.
        for (int i = 0; i < 100; ++i) state.append({QStringLiteral("updated"), {{"n", i}}});
        PollingClient late(server.port);
        QVERIFY(late.enter());
        QCOMPARE(server.events.sessions(), 2);
    }

    /// How things stand is not made anew for who asks without end, or comes and goes.
    void tellsHowThingsStandNowAndThen() {
        SessionOptions options;
        options.stateKnown = 1h;
        EventFixture server(options);
        int made = 0;
        server.events.setState([&](const QByteArray &) {
            ++made;
            return QList<Event>{{QStringLiteral("updated"), {}, "u1"}};
        });
        PollingClient client(server.port);
        QVERIFY(client.enter());
        QByteArray asked = R"(42/progress,["state"])";
        for (int i = 0; i < 1000; ++i)
            asked +=
                "\x1e"
                R"(42/progress,["state"])";
        QCOMPARE(client.post(asked).status, 200);
        QCOMPARE(made, 2);
        QByteArray entered = "41/progress,";
        for (int i = 0; i < 1000; ++i)
            entered +=
                "\x1e"
                "40/progress,\x1e"
                "41/progress,";
        client.post(entered);
        QVERIFY2(made <= 2 + options.maxEntries, qPrintable(QString::number(made)));
        QCOMPARE(server.events.sessions(), 0);
    }

    void acknowledgesEveryEventThatAsksForIt() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        client.post(R"(42/progress,0["subscribe",{"id":5}])");
        QCOMPARE(client.poll().body,
                 R"(43/progress,0[{"data":null,"error":{"code":"NOT_FOUND","details":{},"message":"There is no event )"
                 R"('subscribe'."},"success":false}])");
        client.post(
            "451-/progress,9[\"x\",{\"_placeholder\":true,\"num\":0}]\x1e"
            "bAQID");
        QVERIFY(client.poll().body.startsWith("43/progress,9[{"));
        // What nobody asked for is no harm.
        client.post(R"(43/progress,4[1])");
        client.post(R"(42/progress,["subscribe"])");
        server.events.broadcast("/progress", {QStringLiteral("a"), {}});
        QCOMPARE(client.poll().body, "42/progress,[\"a\",{}]");
    }

    /// Fifty of which one reads nothing: the others get everything in order, and the one goes with all it holds.
    void servesManyBesideOneThatNeverReads() {
        http::Limits limits;
        limits.writeStall = 3s;
        EventFixture server({}, {}, limits);
        RawClient silent(server.port);
        silent.socket().setReadBufferSize(1024);
        const QByteArray text = "40/progress,";
        silent.send(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2FtcGxlIG5vbmNlIDEyMw==\r\n\r\n");
        QVERIFY(RawClient::wait([&] { return server.events.sessions() == 1; }));
        silent.send("\x81" + QByteArray(1, char(0x80 | text.size())) + QByteArray(4, '\0') + text);
        std::vector<std::unique_ptr<SocketClient>> clients;
        for (int i = 0; i < 49; ++i) {
            auto &client = clients.emplace_back(std::make_unique<SocketClient>(server.port, "EIO=4&transport=websocket"));
            QVERIFY(client->next().startsWith("0{"));
            client->socket.sendTextMessage(QStringLiteral("40/progress,"));
            QVERIFY(client->next().startsWith("40/progress,"));
        }
        QCOMPARE(server.events.listeners(), 50);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("does not fetch its events")));
        // More than sockets, the line and the session hold together.
        const QString ballast(32 * 1024, u'x');
        int sent = 0;
        while (server.events.listeners() == 50 && sent < 2000) {
            server.events.broadcast("/progress", {QStringLiteral("created"), {{"n", sent++}, {"text", ballast}}});
            QVERIFY(RawClient::wait([&] {
                return std::ranges::all_of(clients, [&](const auto &client) { return client->texts.size() == sent; });
            }));
        }
        QCOMPARE(server.events.listeners(), 49);
        for (const auto &client : clients)
            for (int n = 0; n < sent; ++n)
                QVERIFY(client->texts[n].startsWith("42/progress,[\"created\",{\"n\":" + QByteArray::number(n) + ','));
        QVERIFY(RawClient::wait([&] { return server.front.connections() == 49; }));
    }

    void endsClientsThatNeverFetch() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("does not fetch its events")));
        for (int i = 0; i < 2000; ++i) server.events.broadcast("/progress", {QStringLiteral("created"), {{"n", i}}});
        QCOMPARE(server.events.sessions(), 0);
        QCOMPARE(client.poll().status, 400);
    }

    void limitsSessionsAndMessages() {
        SessionOptions options;
        options.maxSessions = 2;
        options.maxPayload = 1000;
        EventFixture server(options);
        // Of those that only knocked the first one goes; who has entered stays.
        PollingClient first(server.port), second(server.port), third(server.port);
        QCOMPARE(third.open.status, 200);
        QCOMPARE(first.poll().status, 400);
        QVERIFY(second.enter());
        QVERIFY(third.enter());
        PollingClient fourth(server.port);
        QCOMPARE(fourth.open.status, 503);
        QVERIFY(!fourth.open.header("retry-after").isEmpty());
        second.post("1");
        SocketClient socket(server.port, "EIO=4&transport=websocket");
        QVERIFY(socket.next().startsWith("0{"));
        socket.socket.sendTextMessage(QString(5000, u'4'));
        QVERIFY(socket.waitClosed());
    }

    void forbidsTwoPollsAtOnce() {
        EventFixture server;
        PollingClient client(server.port);
        QVERIFY(client.enter());
        client.startPoll();
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 1; }));
        RawClient other(server.port);
        QCOMPARE(other.ask(request("GET", client.path())).status, 400);
        QCOMPARE(server.events.sessions(), 0);
    }
};

QTEST_GUILESS_MAIN(EventsTest)
#include "events_test.moc"
