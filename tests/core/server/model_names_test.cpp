#include "core/models/idle_unload.h"
#include "server_rig.h"

#include <QTcpServer>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

/// Which names a model answers to, on which addresses, and for how long it stays.
class ModelNamesTest : public QObject {
    Q_OBJECT

    static QStringList names(const JsonAnswer &answer, QLatin1StringView list, QLatin1StringView member) {
        QStringList all;
        for (const QJsonValue entry : answer.json.value(list).toArray()) all += entry[member].toString();
        all.sort();
        return all;
    }
    static JsonAnswer complete(const ServerRig &rig, const QString &model, int tokens = 2) {
        return rig.ask("POST", "/v1/completions",
                       {{u"model"_s, model}, {u"prompt"_s, u"Once"_s}, {u"max_tokens"_s, tokens}, {u"ignore_eos"_s, true}});
    }

private Q_SLOTS:
    void answersToAliases() {
        ServerRig rig([](Settings &settings) {
            settings.aliases = {{u"gpt-4o"_s, u"caller"_s},
                                {u"llama3:8b"_s, u"caller"_s},
                                {u"lost"_s, u"nobody"_s},
                                {u"caller"_s, u"nobody"_s}};
        });
        rig.load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        const QStringList all{u"caller"_s, u"gpt-4o"_s, u"llama3:8b"_s};
        QCOMPARE(names(rig.ask("GET", "/v1/models"), "data"_L1, "id"_L1), all);
        QCOMPARE(names(rig.ask("GET", "/api/tags"), "models"_L1, "name"_L1), all);
        const JsonAnswer shown = rig.ask("GET", "/v1/models/gpt-4o");
        QCOMPARE(shown.status, 200);
        QCOMPARE(shown.json.value("id"_L1), u"gpt-4o"_s);
        QCOMPARE(shown.json.value("root"_L1), u"caller"_s);
        QCOMPARE(rig.ask("GET", "/v1/models/lost").status, 404);

        const QJsonArray messages{QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Hello"_s}}};
        for (const QString &name : all) {  // the model's own name is what it was, whatever an alias says
            const JsonAnswer openAi = complete(rig, name);
            QCOMPARE(openAi.status, 200);
            QCOMPARE(openAi.json.value("model"_L1), name);
            QCOMPARE(
                rig.ask("POST", "/v1/chat/completions", {{u"model"_s, name}, {u"messages"_s, messages}, {u"max_tokens"_s, 2}})
                    .status,
                200);
            QCOMPARE(
                rig.ask("POST", "/v1/responses", {{u"model"_s, name}, {u"input"_s, u"Hello"_s}, {u"max_output_tokens"_s, 16}})
                    .status,
                200);
            QCOMPARE(rig.ask("POST", "/v1/embeddings", {{u"model"_s, name}, {u"input"_s, u"Hello"_s}}).status, 200);
            QCOMPARE(
                rig.ask("POST", "/v1/messages", {{u"model"_s, name}, {u"messages"_s, messages}, {u"max_tokens"_s, 2}}).status,
                200);
            QCOMPARE(rig.ask("POST", "/api/chat", {{u"model"_s, name}, {u"messages"_s, messages}, {u"stream"_s, false}}).status,
                     200);
            QCOMPARE(rig.ask("POST", "/api/show", {{u"model"_s, name}}).status, 200);
            QCOMPARE(rig.ask("POST", "/api/show", {{u"name"_s, name}}).status, 200);
        }
        for (const auto &field : {u"model"_s, u"name"_s}) QCOMPARE(rig.ask("POST", "/api/show", {{field, 7}}).status, 400);
        QCOMPARE(complete(rig, u"lost"_s).status, 404);
    }

    void loadsByAliasWhereThatIsWanted() {
        ServerRig rig([](Settings &settings) {
            settings.loadOnDemand = true;
            settings.aliases = {{u"vectors"_s, u"sentences"_s}};
        });
        rig.add(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        rig.add(QStringLiteral(MILLM_FIXTURES "/sentence-model"), u"sentences"_s);
        QCOMPARE(rig.ask("POST", "/v1/embeddings", {{u"model"_s, u"vectors"_s}, {u"input"_s, u"A dog!"_s}}).status, 200);
        QCOMPARE(rig.parts->inference.loaded()->name, u"sentences"_s);
    }

    void unloadsWhatNobodyAsks() {
        ServerRig rig;
        IdleUnload idle(rig.parts->models, rig.parts->inference, 300ms);
        const qint64 id = rig.load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        // Requests that come in time, one of them longer than the time itself, keep it.
        QElapsedTimer clock;
        clock.start();
        RawClient client(rig.port);
        while (clock.elapsed() < 900) {
            client.send(jsonRequest("POST", "/v1/completions",
                                    R"({"model":"caller","prompt":"Once","max_tokens":40,"ignore_eos":true})"));
            QCOMPARE(client.readAnswer().status, 200);
        }
        QVERIFY(RawClient::wait([&] { return !rig.parts->inference.loaded(); }));
        QCOMPARE(rig.ask("GET", "/api/models/" + QByteArray::number(id)).data()["status"_L1], u"ready"_s);
        const JsonAnswer gone = complete(rig, u"caller"_s);
        QCOMPARE(gone.status, 503);
        QVERIFY(!gone.raw.header("retry-after").isEmpty());
        // And again, once it is back.
        QCOMPARE(rig.ask("POST", "/api/models/" + QByteArray::number(id) + "/load?wait=true", {{u"force"_s, true}}).status,
                 200);
        QVERIFY(RawClient::wait([&] { return !rig.parts->inference.loaded(); }));
    }

    /// Ollama's clients are told when a model goes.
    void saysHowLongItStays() {
        ServerRig rig([](Settings &settings) { settings.idleUnloadMinutes = 30; });
        rig.load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        const auto end = [&] {
            return QDateTime::fromString(rig.ask("GET", "/api/ps").json["models"_L1][0]["expires_at"_L1].toString(),
                                         Qt::ISODateWithMs);
        };
        const QDateTime before = QDateTime::currentDateTimeUtc(), loaded = end();
        QVERIFY(loaded.isValid() && loaded <= before.addSecs(30 * 60));
        QTest::qWait(20);
        QCOMPARE(complete(rig, u"caller"_s).status, 200);
        const QDateTime asked = end();
        QVERIFY(asked > loaded && asked >= before.addSecs(30 * 60));
        QCOMPARE(end(), asked);  // looking is not asking
    }

    void keepsWhatIsToStay() {
        ServerRig rig;
        IdleUnload idle(rig.parts->models, rig.parts->inference, 0ms);
        rig.load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        QTest::qWait(100);
        QVERIFY(rig.parts->inference.loaded());
    }

    void listensOnBothFamilies_data() {
        QTest::addColumn<QString>("host");
        QTest::newRow("localhost") << u"localhost"_s;
        QTest::newRow("all") << u"::"_s;
    }
    void listensOnBothFamilies() {
        QFETCH(QString, host);
        if (!QTcpServer().listen(QHostAddress::LocalHostIPv6)) QSKIP("this machine has no IPv6");
        const ServerRig rig([&](Settings &settings) { settings.host = host; }, "a-secret-key");
        for (const QString &address : {u"127.0.0.1"_s, u"::1"_s}) {
            RawClient client(rig.port, address);
            QVERIFY2(client.isConnected(), qPrintable(address));
            const QByteArray named = address.contains(u':') ? QByteArray("[::1]") : QByteArray("127.0.0.1");
            QCOMPARE(client.ask("GET /api/health HTTP/1.1\r\nX-Api-Key: a-secret-key\r\nHost: " + named + "\r\n\r\n").status,
                     200);
        }
    }
};

QTEST_GUILESS_MAIN(ModelNamesTest)
#include "model_names_test.moc"
