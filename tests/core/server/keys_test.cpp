#include "core/base/logging.h"
#include "core/server/http/key_ring.h"
#include "raw_client.h"
#include "test_front.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QTest>

using namespace millm;
using namespace millm::http;
using namespace std::chrono_literals;

/// Several keys with names, and what guessing costs.
class KeysTest : public QObject {
    Q_OBJECT

    static Settings keyed() {
        Settings settings;
        settings.apiKeys = {apiKey(QStringLiteral("laptop"), "0123456789"), apiKey(QStringLiteral("ci"), "abcdefghij")};
        return settings;
    }
    static QByteArray with(const QByteArray &key) {
        return request("GET", "/api/things/1", "Authorization: Bearer " + key + "\r\n");
    }
    static QStringList s_access;

private Q_SLOTS:
    void init() { s_access.clear(); }

    void eachKeyOpensUnderItsName() {
        TestFront server({}, keyed());
        QList<QString> names;
        connect(&server.front, &Front::answered, this, [&](const Answered &what) { names += what.key; });
        RawClient client(server.port);
        QCOMPARE(client.ask(with("0123456789")).status, 200);
        QCOMPARE(client.ask(with("abcdefghij")).status, 200);
        QCOMPARE(client.ask(request("GET", "/api/nowhere", "Authorization: Bearer abcdefghij\r\n")).status, 404);
        QCOMPARE(client.ask(request("GET", "/api/things/1")).status, 401);
        QTRY_COMPARE(names.size(), 4);
        QCOMPARE(names, (QList<QString>{QStringLiteral("laptop"), QStringLiteral("ci"), QStringLiteral("ci"), QString()}));
    }

    void wrongKeysWaitLongerEachTime() {
        KeyRing keys(keyed().apiKeys, {.first = 10ms, .longest = 60ms, .waiting = 100});
        const QHostAddress peer(QStringLiteral("192.0.2.1"));
        for (const auto delay : {10ms, 20ms, 40ms, 60ms, 60ms}) QCOMPARE(keys.delayWrong(peer), std::optional(delay));
        // Another begins anew; the rest of a network of IPv6 does not.
        QCOMPARE(keys.delayWrong(QHostAddress(QStringLiteral("192.0.2.2"))), std::optional(10ms));
        QCOMPARE(keys.delayWrong(QHostAddress(QStringLiteral("2001:db8::1"))), std::optional(10ms));
        QCOMPARE(keys.delayWrong(QHostAddress(QStringLiteral("2001:db8::2"))), std::optional(20ms));
        QCOMPARE(keys.delayWrong(QHostAddress(QStringLiteral("2001:db8:0:1::1"))), std::optional(10ms));
        QCOMPARE(keys.delayWrong(QHostAddress(QStringLiteral("::ffff:192.0.2.2"))), std::optional(20ms));
    }

    void whoGuessesIsForgivenInTime() {
        KeyRing keys(keyed().apiKeys, {.first = 10ms, .memory = 50ms});
        const QHostAddress peer(QStringLiteral("192.0.2.1"));
        QCOMPARE(keys.delayWrong(peer), std::optional(10ms));
        QTest::qWait(60);
        QCOMPARE(keys.delayWrong(peer), std::optional(10ms));
    }

    void remembersOnlySoManyPeers() {
        KeyRing keys(keyed().apiKeys, {.first = 10ms, .peers = 2});
        const auto peer = [](int last) { return QHostAddress(QStringLiteral("192.0.2.%1").arg(last)); };
        for (const int last : {1, 2, 3}) QCOMPARE(keys.delayWrong(peer(last)), std::optional(10ms));
        QCOMPARE(keys.delayWrong(peer(3)), std::optional(20ms));
        QCOMPARE(keys.delayWrong(peer(1)), std::optional(10ms));  // it was forgotten for the third one
    }

    /// The refusal of a wrong key is on its way while others of the same address are answered.
    void nobodyElseWaits() {
        TestFront server({}, keyed(), nullptr, {.first = 60'000ms, .longest = 60'000ms, .waiting = 3});
        std::vector<std::unique_ptr<RawClient>> guessing;
        for (int i = 0; i < 3; ++i) {
            guessing.push_back(std::make_unique<RawClient>(server.port));
            guessing.back()->send(with("wrong-" + QByteArray::number(i)));
        }
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 3; }));
        RawClient client(server.port);
        QCOMPARE(client.ask(with("0123456789")).status, 200);
        QCOMPARE(client.ask(request("GET", "/hello")).status, 200);
        QCOMPARE(client.ask(request("GET", "/api/things/1")).status, 401);  // none is no guess
        const RawAnswer more = client.ask(with("wrong-3"));
        QCOMPARE(more.status, 429);
        QVERIFY(!more.header("retry-after").isEmpty());
        QCOMPARE(client.ask(with("abcdefghij")).status, 200);
        for (const auto &guess : guessing) QCOMPARE(guess->readAnswer(false, 20).status, 0);
        QCOMPARE(server.front.underWay(), 3);
        guessing.clear();  // who gives up leaves nothing behind
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 0; }));
    }

    void endsAreNotDelayed() {
        TestFront server({}, keyed(), nullptr, {.first = 600'000ms, .longest = 600'000ms});
        RawClient guessing(server.port);
        guessing.send(with("wrong-key"));
        QVERIFY(RawClient::wait([&] { return server.front.underWay() == 1; }));
        const QFuture<void> stopped = server.front.shutDown(300);
        QCOMPARE(guessing.readAnswer().status, 401);
        QVERIFY(RawClient::wait([&] { return stopped.isFinished(); }));
    }

    void refusesAfterTheDelay() {
        TestFront server({}, keyed(), nullptr, {.first = 30ms});
        RawClient client(server.port);
        QElapsedTimer clock;
        clock.start();
        const RawAnswer answer = client.ask(with("wrong-key"));
        QVERIFY(clock.elapsed() >= 25);
        QCOMPARE(answer.status, 401);
        QVERIFY2(answer.body.contains("MILLM_API_KEY") && !answer.body.contains("wrong-key"), answer.body);
        QCOMPARE(client.ask(with("0123456789")).status, 200);
    }

    void accessLogTellsWhoAndWhich() {
        s_access.clear();
        const auto before = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &context, const QString &words) {
            s_access += QString::fromUtf8(
                logLine(LogFormat::Json, QDateTime::currentDateTimeUtc(), type, context.category, words, LogScope::fields()));
        });
        {
            TestFront server({}, keyed(), nullptr, {.first = 1ms});
            RawClient client(server.port);
            client.ask(request("GET", "/api/things/1?key=0123456789",
                               "X-Request-Id: my-7\r\nApi-Key: 0123456789\r\n"
                               "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"));
            client.ask(with("wrong-key"));
            client.ask(request("GET", "/api/throw", "X-Request-Id: my-8\r\nApi-Key: abcdefghij\r\ntraceparent: 00-0-1-2\r\n"));
        }
        qInstallMessageHandler(before);
        QList<QJsonObject> lines;
        for (const QString &line : std::as_const(s_access)) lines += QJsonDocument::fromJson(line.toUtf8()).object();
        const auto at = [&](qsizetype i, const char *name) { return lines.value(i).value(QLatin1StringView(name)).toString(); };
        QVERIFY(at(1, "message").contains(QStringLiteral("wrong API key came from 127.0.0.1")));
        lines.removeAt(1);
        QCOMPARE(lines.size(), 4);
        QVERIFY(at(0, "message").startsWith(QStringLiteral("GET /api/things/1 200 ")));
        QCOMPARE(at(0, "request_id"), QStringLiteral("my-7"));
        QCOMPARE(at(0, "trace_id"), QStringLiteral("4bf92f3577b34da6a3ce929d0e0e4736"));
        QCOMPARE(at(0, "peer"), QStringLiteral("127.0.0.1"));
        QCOMPARE(at(0, "key"), QStringLiteral("laptop"));
        QVERIFY(at(1, "message").startsWith(QStringLiteral("GET /api/things/1 401 ")));
        QCOMPARE(at(1, "peer"), QStringLiteral("127.0.0.1"));
        QVERIFY(!lines[1].contains(QStringLiteral("key")));
        QVERIFY(at(2, "message").contains(QStringLiteral("thrown on purpose")));  // a handler's own line is marked too
        QCOMPARE(at(2, "request_id"), QStringLiteral("my-8"));
        QVERIFY(!lines[3].contains(QStringLiteral("trace_id")));
        const QString all = s_access.join(QString());
        for (const char *secret : {"0123456789", "abcdefghij", "wrong-key"})
            QVERIFY(!all.contains(QString::fromLatin1(secret)));
    }

    void keyFiles_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("wrong");  // empty: nothing
        QTest::newRow("two") << QByteArray("# who\nlaptop:0123456789\n\n ci : abcdefghij \r\n") << QString();
        QTest::newRow("colon in the key") << QByteArray("a:0123:4567") << QString();
        QTest::newRow("no colon") << QByteArray("a:0123456789\n0123456789abc") << QStringLiteral("line 2");
        QTest::newRow("no name") << QByteArray(":0123456789") << QStringLiteral("line 1");
        QTest::newRow("odd name") << QByteArray("a b:0123456789") << QStringLiteral("letters");
        QTest::newRow("long name") << QByteArray(65, 'n') + ":0123456789" << QStringLiteral("64");
        QTest::newRow("short key") << QByteArray("a:0123456") << QStringLiteral("8 to 512");
        QTest::newRow("long key") << QByteArray("a:") + QByteArray(513, 'k') << QStringLiteral("513");
        QTest::newRow("control") << QByteArray("a:0123456789\x01") << QStringLiteral("ASCII");
        QTest::newRow("name twice") << QByteArray("a:0123456789\na:abcdefghij") << QStringLiteral("there already");
        QTest::newRow("key twice") << QByteArray("a:0123456789\nb:0123456789") << QStringLiteral("same key");
    }
    void keyFiles() {
        QFETCH(QByteArray, text);
        QFETCH(QString, wrong);
        const auto keys = parseApiKeys(text, QStringLiteral("keys"));
        QCOMPARE(keys.ok(), wrong.isEmpty());
        if (keys) {
            QVERIFY(!keys->isEmpty());
            for (const ApiKey &key : *keys) QCOMPARE(key.hash.size(), 32);
        } else {
            QVERIFY2(keys.error().message.contains(wrong), qPrintable(keys.error().message));
            QVERIFY(!keys.error().message.contains(QStringLiteral("0123456789")));
        }
    }
};

QStringList KeysTest::s_access;

QTEST_GUILESS_MAIN(KeysTest)
#include "keys_test.moc"
