// The server at another address, and what it tells of its requests, beside the model that stays.
#include "server_rig.h"
#include "tests/support/patience.h"

#include <QRegularExpression>
#include <QTcpServer>
#include <QTest>

#include <memory>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

class RestartTest : public QObject {
    Q_OBJECT

    std::unique_ptr<ServerRig> m_rig;

    Server &server() { return m_rig->parts->server; }
    RequestJournal::Snapshot journal() { return m_rig->parts->requests.snapshot(); }
    int status(quint16 port, const QByteArray &headers = {}) {
        RawClient client(port);
        return client.isConnected() ? client.ask(request("GET", "/v1/models", headers)).status : 0;
    }
    /// A stream of so many tokens, its head read.
    std::unique_ptr<RawClient> stream(int tokens) {
        auto client = std::make_unique<RawClient>(m_rig->port);
        const QJsonObject body{{u"model"_s, u"sample"_s},
                               {u"prompt"_s, u"Once"_s},
                               {u"max_tokens"_s, tokens},
                               {u"min_tokens"_s, tokens},
                               {u"stream"_s, true}};
        client->send(jsonRequest("POST", "/v1/completions", QJsonDocument(body).toJson(QJsonDocument::Compact),
                                 "User-Agent: tester/1.0 of tests\r\n"));
        if (client->readAnswer(true).status != 200) return nullptr;
        return client;
    }
    static quint16 freePort() {
        QTcpServer finder;
        return finder.listen(QHostAddress::LocalHost) ? finder.serverPort() : 0;
    }

private Q_SLOTS:
    void initTestCase() {
        m_rig = std::make_unique<ServerRig>();
        m_rig->load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
    }
    void cleanupTestCase() { m_rig.reset(); }

    void streamsOutliveARestart() {
        const quint16 before = m_rig->port, after = freePort();
        const auto client = stream(200);
        QVERIFY(client);
        const auto port = server().restart({u"127.0.0.1"_s, after, {}});
        QVERIFY2(port.ok(), port.ok() ? "" : qPrintable(port.error().message));
        QCOMPARE(*port, after);
        QCOMPARE(server().url(), QUrl(u"http://127.0.0.1:%1"_s.arg(after)));
        m_rig->port = after;
        QCOMPARE(status(after), 200);
        QCOMPARE(status(before), 0);
        QVERIFY(m_rig->parts->inference.loaded());
        QVERIFY(client->waitClosed());
        QVERIFY(client->rest().contains("data: [DONE]"));
    }
    void keyFromThenOn() {
        QVERIFY(server().restart({u"127.0.0.1"_s, m_rig->port, u"secret-key"_s}).ok());
        QCOMPARE(status(m_rig->port), 401);
        QCOMPARE(status(m_rig->port, "Authorization: Bearer secret-key\r\n"), 200);
        // And in the open only with one.
        QVERIFY(server().restart({u"0.0.0.0"_s, m_rig->port, u"secret-key"_s}).ok());
        QCOMPARE(status(m_rig->port, "Authorization: Bearer secret-key\r\n"), 200);
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"without an API key"_s));
        QVERIFY(!server().restart({u"0.0.0.0"_s, m_rig->port, QString()}).ok());
        QCOMPARE(server().state(), Server::State::Serving);
        QCOMPARE(server().address(), (ServerAddress{u"0.0.0.0"_s, m_rig->port}));
        QCOMPARE(status(m_rig->port), 401);
        // No key is said: it stays. An empty one is none.
        QVERIFY(server().restart({u"127.0.0.1"_s, m_rig->port, {}}).ok());
        QCOMPARE(status(m_rig->port), 401);
        QVERIFY(server().restart({u"127.0.0.1"_s, m_rig->port, QString()}).ok());
        QCOMPARE(status(m_rig->port), 200);
    }
    /// Where the other port is taken, the server goes on where it was.
    void takenPort() {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"Cannot listen on 127.0.0.1 port"_s));
        const auto refused = server().restart({u"127.0.0.1"_s, other.serverPort(), {}});
        QVERIFY(!refused.ok());
        QVERIFY(refused.error().message.contains(QString::number(other.serverPort())));
        QCOMPARE(server().state(), Server::State::Serving);
        QCOMPARE(server().address().port, m_rig->port);
        QCOMPARE(status(m_rig->port), 200);
    }
    /// A start that failed is mended without another program start.
    void outOfFailure() {
        Settings taken = m_rig->settings;
        taken.port = m_rig->port;
        Server second(taken, m_rig->sources());
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"Cannot listen on 127.0.0.1 port"_s));
        QVERIFY(!second.listen().ok());
        QCOMPARE(second.address().port, m_rig->port);
        const auto port = second.restart({u"127.0.0.1"_s, 0, {}});
        QVERIFY(port.ok());
        QCOMPARE(second.state(), Server::State::Serving);
        QCOMPARE(second.errorMessage(), QString());
        QCOMPARE(status(*port), 200);
        wait(second.shutDown(1));
    }
    void stoppedAndStartedAgain() {
        wait(server().shutDown(1));
        QCOMPARE(server().state(), Server::State::Stopped);
        QCOMPARE(status(m_rig->port), 0);
        QCOMPARE(server().upSeconds(), -1);
        QVERIFY(server().restart({u"127.0.0.1"_s, m_rig->port, {}}).ok());
        QCOMPARE(status(m_rig->port), 200);
        QVERIFY(server().upSeconds() >= 0);
    }
    void shutDownDoesNotWaitForTheRetired() {
        const auto client = stream(2000);
        QVERIFY(client);
        QVERIFY(server().restart({u"127.0.0.1"_s, freePort(), {}}).ok());
        m_rig->port = server().address().port;
        wait(server().shutDown(0));  // hangs for the stream's time where it does
        QVERIFY(client->waitClosed());
        QVERIFY(!client->rest().contains("[DONE]"));
        QVERIFY(server().restart({u"127.0.0.1"_s, m_rig->port, {}}).ok());
    }

    void requestsAreWrittenDown() {
        const auto client = stream(60);
        QVERIFY(client);
        QTRY_VERIFY(!journal().underWay.isEmpty() && journal().underWay.first().tokens > 0);
        const RequestRecord going = journal().underWay.first();
        QCOMPARE(going.model, u"sample"_s);
        QCOMPARE(going.client, u"127.0.0.1"_s);
        QCOMPARE(going.program, u"tester/1.0 of tests"_s);
        QCOMPARE(going.call, u"POST /v1/completions"_s);
        QTRY_VERIFY_WITH_TIMEOUT(journal().underWay.isEmpty(), 60000);
        const RequestRecord over = journal().ended.first();
        QCOMPARE(over.id, going.id);
        QCOMPARE(over.status, 200);
        QCOMPARE(over.tokens, 60);
        m_rig->ask("GET", "/api/models/12345");
        QCOMPARE(journal().ended.first().status, 404);
        QCOMPARE(journal().ended.first().call, u"GET /api/models/12345"_s);
        // Machines that ask all the time are not what a person looks for.
        m_rig->ask("GET", "/api/health");
        m_rig->ask("GET", "/metrics");
        QCOMPARE(journal().ended.first().call, u"GET /api/models/12345"_s);
    }
    void clientsThatLeave() {
        auto client = stream(2000);
        QVERIFY(client);
        client.reset();
        QTRY_VERIFY_WITH_TIMEOUT(journal().underWay.isEmpty(), 60000);
        QCOMPARE(journal().ended.first().status, 0);
    }
    /// A stream that is stopped here says so in its own way and ends; the model is free again.
    void stopsAStream() {
        const auto client = stream(2000);
        QVERIFY(client);
        QTRY_VERIFY(!journal().underWay.isEmpty());
        m_rig->parts->requests.stop(journal().underWay.first().id);
        QTRY_VERIFY_WITH_TIMEOUT(journal().underWay.isEmpty(), 60000);
        QVERIFY2(client->rest().contains("stopped by whoever runs this server"), client->rest().right(500).constData());
        QTRY_COMPARE(m_rig->parts->inference.pendingRequests(), 0);
        QCOMPARE(status(m_rig->port), 200);
    }
    void stopsWhatHasNoAnswerYet() {
        for (const QByteArray path : {"/v1/completions", "/api/generate", "/v1/chat/completions"}) {
            RawClient client(m_rig->port);
            QJsonObject body{{u"model"_s, u"sample"_s}, {u"prompt"_s, u"Once"_s}, {u"stream"_s, false}};
            if (path.contains("chat"))
                body = {{u"model"_s, u"sample"_s},
                        {u"messages"_s, QJsonArray{QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Hi"_s}}}}};
            if (!path.startsWith("/api")) body.insert(u"max_tokens"_s, 2000);
            if (!path.startsWith("/api")) body.insert(u"min_tokens"_s, 2000);
            if (path.startsWith("/api")) body.insert(u"options"_s, QJsonObject{{u"num_predict"_s, 2000}});
            client.send(jsonRequest("POST", path, QJsonDocument(body).toJson(QJsonDocument::Compact)));
            QTRY_VERIFY2(!journal().underWay.isEmpty(), path.constData());
            m_rig->parts->requests.stop(journal().underWay.first().id);
            const RawAnswer answer = client.readAnswer();
            QVERIFY2(answer.status >= 400, path + ' ' + QByteArray::number(answer.status));
            QVERIFY2(answer.body.contains("stopped by whoever"), answer.body.constData());
            QTRY_COMPARE(m_rig->parts->inference.pendingRequests(), 0);
        }
    }
};

QTEST_GUILESS_MAIN(RestartTest)
#include "restart_test.moc"
