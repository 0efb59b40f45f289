// The Hub client against a Hub with faults, over real sockets.
#include "core/hub/hub_client.h"
#include "core/hub/hub_stream.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <stdexcept>

using namespace millm;
using namespace millm::testing;
using Kind = HubFailure::Kind;
using Listener = LocalHub::Listener;

namespace {

const QString tiny = QStringLiteral("acme/tiny-llama");

}  // namespace

class TestHubClient : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    QByteArray m_commit;

    void connectWith(const QString &token = {}, bool offline = false) {
        Settings settings = hubSettings(*m_hub, token);
        settings.hubOffline = offline;
        m_client = std::make_unique<HubClient>(settings);
        m_client->setTiming(quickTiming());
    }
    HubResult<QJsonObject> info(const QString &id = tiny, const QString &token = {}) {
        return ask<QJsonObject>([&](auto then) { m_client->info(this, id, token, then); });
    }
    HubResult<QList<HubFile>> tree(const QString &token = {}) {
        return ask<QList<HubFile>>([&](auto then) { m_client->tree(this, tiny, QString::fromLatin1(m_commit), token, then); });
    }
    HubResult<QByteArray> read(const QString &path, qint64 begin, qint64 count, const QString &token = {}) {
        const HubFileAddress file{tiny, QString::fromLatin1(m_commit), path};
        return ask<QByteArray>([&](auto then) { m_client->read(this, file, begin, count, token, then); });
    }
    HubResult<bool> access(const QString &token = {}) {
        return ask<bool>([&](auto then) { m_client->checkAccess(this, tiny, token, then); });
    }
    static int code(const HubFailure &failure) { return int(failure.error.code); }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        writeLlama(m_folder->path());
        m_hub = std::make_unique<HubEmulator>();
        m_commit = m_hub->addRepository(tiny, m_folder->path());
        connectWith();
    }
    void cleanup() {
        m_client.reset();
        QCOMPARE(m_hub->leaks(), 0);
    }

    void infoAndHeaders() {
        connectWith("hf_secret");
        m_hub->addToken("hf_secret");
        const auto answer = info();
        QVERIFY(answer);
        QCOMPARE(answer->value("id").toString(), tiny);
        QCOMPARE(answer->value("sha").toString().toLatin1(), m_commit);
        const HubLogEntry entry = m_hub->log().first();
        QVERIFY(entry.authorized);
        QVERIFY(entry.userAgent.startsWith("miLLM/"));
    }

    void treeInPages() {
        m_hub->setPageSize(3);
        const auto files = tree();
        QVERIFY(files);
        QCOMPARE(files->size(), filesBelow(m_folder->path()).size());
        QVERIFY(m_hub->count("/tree/") >= 3);
        for (const HubFile &file : *files)
            QCOMPARE(file.sha256.isEmpty(), !file.path.endsWith(".safetensors") && !file.path.endsWith(".onnx"));
    }

    void treeOfMirror() {
        // A mirror that passes the public Hub's links on: they are asked at the mirror, with the token.
        m_hub->setPageSize(3);
        const QByteArray link = "<https://huggingface.co/api/models/acme/tiny-llama/tree/" + m_commit +
                                "?recursive=true&expand=false&cursor=3>; rel=\"next\"";
        m_hub->addFault({.spoil = faults::header("Link", link), .path = "/tree/"});
        const auto files = tree();
        QVERIFY(files);
        QCOMPARE(files->size(), filesBelow(m_folder->path()).size());
    }

    void treeThatLeadsAway() {
        m_hub->setPageSize(3);
        m_hub->addFault({.spoil = faults::header("Link", "<http://127.0.0.1:9/evil>; rel=\"next\""), .path = "/tree/"});
        QVERIFY(!tree());
        m_hub->addFault({.spoil = faults::status(400), .path = "/tree/", .skip = 1});
        QVERIFY(!tree());
    }

    void treeWithoutEnd() {
        // Each page is quick, holds no file and names a next one that was never asked for.
        const auto endless = [page = QByteArray(R"([{"type": "directory", "path": "x"}])"),
                              next = std::make_shared<std::atomic<int>>(0)](const HttpRequest &request,
                                                                            HttpResponse &response) {
            response.status = 200;
            faults::body(page)(request, response);
            response.set("Link", "<" + request.path + "?cursor=" + QByteArray::number(++*next) + ">; rel=\"next\"");
        };
        m_hub->addFault({.spoil = endless, .path = "/tree/", .count = -1});
        const auto files = tree();
        QVERIFY(!files);
        QVERIFY2(files.error().error.message.contains("does not end"), qPrintable(files.error().error.message));
        QVERIFY(!files.error().worthRetrying());
        HubTiming timing = quickTiming();
        timing.tree = std::chrono::milliseconds(0);
        m_client->setTiming(timing);
        m_hub->clearLog();
        QVERIFY(!tree());
        QCOMPARE(m_hub->count("/tree/"), 0);
    }

    void sizesBeyondAnyFile_data() {
        QTest::addColumn<QByteArray>("size");
        for (const char *size :
             {"9223372036854775807", "9223372036854775808", "1e300", "1e999", "-1", "0.5", "\"5\"", "null", "10000000000001"})
            QTest::addRow("%s", size) << QByteArray(size);
    }
    void sizesBeyondAnyFile() {
        QFETCH(const QByteArray, size);
        const QByteArray oid(40, 'a'), sum(64, 'b');
        for (const QByteArray &entry :
             {R"({"type": "file", "path": "pytorch_model.bin", "oid": ")" + oid + R"(", "size": )" + size + "}",
              R"({"type": "file", "path": "pytorch_model.bin", "size": 5, "lfs": {"oid": ")" + sum + R"(", "size": )" + size +
                  "}}"}) {
            m_hub->addFault({.spoil = faults::body("[" + entry + "]"), .path = "/tree/"});
            QVERIFY2(!tree(), entry.constData());
        }
    }

    void deepAnswer() {
        for (const QByteArray &deep : {QByteArray(200'000, '['), QByteArray("{\"a\":").repeated(200'000)}) {
            m_hub->addFault({.spoil = faults::body(deep)});
            QVERIFY(!info());
            m_hub->addFault({.spoil = faults::body(deep), .path = "/tree/"});
            QVERIFY(!tree());
        }
    }

    void answerThatDrips() {
        HubTiming timing = quickTiming();
        timing.whole = std::chrono::milliseconds(300);
        m_client->setTiming(timing);
        // Never silent for long, and hours until its end.
        m_hub->addFault({.spoil = faults::longBody(40'000'000), .count = -1});
        m_hub->setThrottle(1000);
        const auto answer = info();
        QVERIFY(!answer);
        QVERIFY2(answer.error().error.message.contains("did not answer within"), qPrintable(answer.error().error.message));
    }

    void askerThatThrows() {
        int told = 0;
        bool failed = false;
        QTest::ignoreMessage(QtCriticalMsg,
                             QRegularExpression("fault of the program itself in an answer of the Hub .*: a stumble"));
        m_client->info(this, tiny, {}, [&](const HubResult<QJsonObject> &answer) {
            if (told++ == 0) throw std::runtime_error("a stumble");
            failed = !answer.ok();
        });
        QTRY_COMPARE(told, 2);
        QVERIFY(failed);
        QVERIFY(info());
    }

    void smallFilesAndRanges() {
        const QByteArray config = readFile(m_folder->filePath("config.json"));
        QCOMPARE(*read("config.json", 0, 10'000), config);
        const QByteArray weights = readFile(m_folder->filePath("model.safetensors"));
        QCOMPARE(*read("model.safetensors", 8, 100), weights.mid(8, 100));
        m_hub->addFault({.spoil = faults::ignoreRange(), .listener = Listener::Cdn});
        QCOMPARE(*read("model.safetensors", 8, 100), weights.mid(8, 100));
        for (const HubLogEntry &entry : m_hub->log()) QCOMPARE(entry.acceptEncoding, QByteArray("identity"));
    }

    void tokenStaysAtHome() {
        connectWith("hf_secret");
        m_hub->addToken("hf_secret");
        QVERIFY(read("model.safetensors", 0, 100));
        QVERIFY(m_hub->count("xet-bridge", Listener::Cdn) > 0);
        QCOMPARE(m_hub->leaks(), 0);
        for (const HubLogEntry &entry : m_hub->log()) QCOMPARE(entry.authorized, entry.listener == Listener::Hub);
        // Away and back again: the token does not go along a second time.
        m_hub->clearLog();
        m_hub->addFault(
            {.spoil = faults::redirectTo(m_hub->endpoint().toEncoded() + "/api/whoami-v2"), .listener = Listener::Cdn});
        QVERIFY(!read("model.safetensors", 0, 100));
        QCOMPARE(m_hub->count("whoami"), 1);
        for (const HubLogEntry &entry : m_hub->log()) {
            if (entry.path.contains("whoami")) QVERIFY(!entry.authorized);
        }
    }

    void renamedRepository() {
        m_hub->rename("acme/old", tiny);
        const auto answer = info("acme/old");
        QVERIFY(answer);
        QCOMPARE(answer->value("id").toString(), tiny);
    }

    void missingRepository() {
        QCOMPARE(code(info("acme/nothing").error()), int(ErrorCode::RepoNotFound));
        m_hub->addToken("hf_good");
        QCOMPARE(code(info("acme/nothing", "hf_good").error()), int(ErrorCode::RepoNotFound));
        QVERIFY(info("acme/nothing").error().error.message.contains("'acme/nothing' does not exist on HuggingFace."));
    }

    void privateRepository() {
        HubAccess only;
        only.isPrivate = true;
        only.grants = {"hf_mine"};
        m_hub->setAccess(tiny, only);
        m_hub->addToken("hf_mine");
        m_hub->addToken("hf_other");
        QCOMPARE(code(info().error()), int(ErrorCode::RepoNotFound));
        QCOMPARE(code(info(tiny, "hf_other").error()), int(ErrorCode::RepoNotFound));
        QVERIFY(info(tiny, "hf_mine"));
        QVERIFY(read("config.json", 0, 10, "hf_mine"));
    }

    void gatedRepository_data() {
        QTest::addColumn<QString>("gated");
        QTest::newRow("auto") << "auto";
        QTest::newRow("manual") << "manual";
    }
    void gatedRepository() {
        QFETCH(QString, gated);
        HubAccess terms;
        terms.gated = gated;
        terms.grants = {"hf_granted"};
        m_hub->setAccess(tiny, terms);
        m_hub->addToken("hf_granted");
        m_hub->addToken("hf_other");
        QVERIFY(info());
        QVERIFY(tree());
        const auto anonymous = read("config.json", 0, 10);
        QCOMPARE(code(anonymous.error()), int(ErrorCode::GatedModelNoToken));
        QCOMPARE(int(anonymous.error().kind), int(Kind::Gated));
        QCOMPARE(code(access().error()), int(ErrorCode::GatedModelNoToken));
        const HubFailure refused = access("hf_other").error();
        QCOMPARE(code(refused), int(ErrorCode::InvalidHfToken));
        QVERIFY(refused.error.message.contains("request access at"));
        QVERIFY(refused.error.message.contains(tiny));
        QVERIFY(!refused.error.message.contains("hf_other"));
        QVERIFY(access("hf_granted"));
        QVERIFY(read("config.json", 0, 10, "hf_granted"));
        terms.awaitingReview = true;
        m_hub->setAccess(tiny, terms);
        QVERIFY(access("hf_other").error().error.message.contains("awaiting a review"));
    }

    void badTokens() {
        m_hub->addToken("hf_old", {"old", true});
        QCOMPARE(code(info(tiny, "hf_wrong").error()), int(ErrorCode::InvalidHfToken));
        const HubFailure expired = info(tiny, "hf_old").error();
        QCOMPARE(code(expired), int(ErrorCode::InvalidHfToken));
        QVERIFY(expired.error.message.contains("expired"));
    }

    void serverThatEchoesTheToken() {
        m_hub->addToken("hf_secret");
        m_hub->addFault({.spoil = faults::then(faults::status(403), faults::header("X-Error-Message", "no hf_secret here"))});
        const HubFailure failure = info(tiny, "hf_secret").error();
        QVERIFY(failure.error.message.contains("no *** here"));
    }

    /// Of requests that bring none, until the program ends.
    void anotherDefaultToken() {
        m_hub->addToken("hf_session");
        HubAccess terms;
        terms.gated = "auto";
        terms.grants = {"hf_session"};
        m_hub->setAccess(tiny, terms);
        QVERIFY(!read("config.json", 0, 10));
        m_client->setDefaultToken(QStringLiteral(" hf_session\n"));
        QCOMPARE(m_client->defaultToken(), QStringLiteral("hf_session"));
        QVERIFY(read("config.json", 0, 10));
        m_client->setDefaultToken({});
        QVERIFY(!read("config.json", 0, 10));
    }

    void whoAmI() {
        m_hub->addToken("hf_good", {"ada", false});
        QCOMPARE(*ask<QString>([&](auto then) { m_client->whoAmI(this, "hf_good", then); }), QStringLiteral("ada"));
        const auto wrong = ask<QString>([&](auto then) { m_client->whoAmI(this, "hf_bad", then); });
        QCOMPARE(code(wrong.error()), int(ErrorCode::InvalidHfToken));
    }

    void disabledRepository() {
        HubAccess off;
        off.disabled = true;
        m_hub->setAccess(tiny, off);
        QVERIFY(info().error().error.message.contains("disabled"));
    }

    void missingFile() { QCOMPARE(int(read("nothing.json", 0, 10).error().kind), int(Kind::Absent)); }

    void permanentAnswers_data() {
        QTest::addColumn<int>("status");
        for (const int status : {400, 404, 410, 451}) QTest::addRow("%d", status) << status;
    }
    void permanentAnswers() {
        QFETCH(int, status);
        m_hub->addFault({.spoil = faults::status(status), .count = -1});
        const auto answer = info();
        QCOMPARE(code(answer.error()), int(ErrorCode::ModelDownloadFailed));
        QCOMPARE(m_hub->log().size(), 1);  // asking again would not help
    }

    void transientAnswers_data() {
        QTest::addColumn<int>("status");
        for (const int status : {408, 500, 502, 503, 504}) QTest::addRow("%d", status) << status;
    }
    void transientAnswers() {
        QFETCH(int, status);
        m_hub->addFault({.spoil = faults::status(status), .count = 3});
        QVERIFY(info());
        QCOMPARE(m_hub->log().size(), 4);
        m_hub->addFault({.spoil = faults::status(status), .count = 4});
        const auto answer = info();
        QVERIFY(!answer);
        QVERIFY(answer.error().error.message.contains(QString::number(status)));
    }

    void brokenConnections() {
        m_hub->addFault({.spoil = faults::hangUp(), .count = 2});
        m_hub->addFault({.spoil = faults::drop(0.5), .skip = 2});
        QVERIFY(info());
    }

    void silence() {
        HubTiming timing = quickTiming();
        timing.answer = std::chrono::milliseconds(300);
        m_client->setTiming(timing);
        m_hub->addFault({.spoil = faults::silence(), .count = 1});
        QVERIFY(info());
        QVERIFY(m_hub->log().size() >= 2);
        m_hub->addFault({.spoil = faults::silence(), .count = -1});
        const auto answer = info();
        QVERIFY(answer.error().error.message.contains("Please check connection and try again."));
    }

    void refusedConnection() {
        QTcpServer nobody;
        QVERIFY(nobody.listen(QHostAddress::LocalHost));
        Settings settings = hubSettings(*m_hub);
        settings.hfEndpoint = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(nobody.serverPort()));
        nobody.close();
        m_client = std::make_unique<HubClient>(settings);
        m_client->setTiming(quickTiming());
        const auto answer = info();
        QCOMPARE(answer.error().error.message,
                 QStringLiteral("Download failed: Network error. Please check connection and try again."));
    }

    void rateLimits() {
        m_hub->addFault({.spoil = faults::retryAfter("0")});
        QElapsedTimer clock;
        clock.start();
        QVERIFY(info());
        QVERIFY(clock.elapsed() >= 1000);  // a second more than the server asks for
        m_hub->addFault({.spoil = faults::rateLimit(3600)});
        const auto answer = info();
        QVERIFY(answer.error().error.message.contains("try again in 3601 s"));
        m_hub->addFault({.spoil = faults::retryAfter("next week"), .count = 2});
        QVERIFY(info());
    }

    void redirectLoops() {
        m_hub->addFault({.spoil = faults::redirectToItself(), .count = -1});
        const auto answer = info();
        QVERIFY(answer.error().error.message.contains("too many redirects"));
        QCOMPARE(m_hub->log().size(), 6);
        QVERIFY(!answer.error().worthRetrying());
    }

    void redirectsElsewhere() {
        connectWith("hf_secret");
        m_hub->addToken("hf_secret");
        m_hub->addFault({.spoil = faults::redirectTo(m_hub->cdn().toEncoded() + "/portal"), .count = -1});
        QVERIFY(!info());
        m_hub->clearFaults();
        QCOMPARE(m_hub->leaks(), 0);
        for (const char *where : {"ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "javascript:1"}) {
            m_hub->addFault({.spoil = faults::redirectTo(where)});
            QVERIFY2(!info(), where);
        }
    }

    void answersThatAreNone() {
        m_hub->addFault({.spoil = faults::portal()});
        QVERIFY(info().error().error.message.contains("sign-in page"));
        m_hub->addFault({.spoil = faults::brokenJson()});
        QVERIFY(!info());
        m_hub->addFault({.spoil = faults::body("[]")});
        QVERIFY(!info());
        m_hub->addFault({.spoil = faults::body("{}"), .path = "/tree/"});
        QVERIFY(!tree());
    }

    void compressedFile() {
        m_hub->addFault({.spoil = faults::gzip(), .path = "resolve-cache"});
        QVERIFY(read("config.json", 0, 10));  // refused, and asked for again
        QCOMPARE(m_hub->count("resolve-cache"), 2);
    }

    void endlessAnswer() {
        m_hub->addFault({.spoil = faults::longBody(60'000'000), .path = "/api/models"});
        const auto answer = info();
        QVERIFY(!answer);
        QVERIFY(answer.error().error.message.contains("longer than 50000000 bytes"));
    }

    void circuitBreaker() {
        HubTiming timing = quickTiming();
        timing.pauses.clear();
        m_client->setTiming(timing);
        m_hub->addFault({.spoil = faults::status(503), .count = -1});
        for (int i = 0; i < 5; ++i) QCOMPARE(int(info().error().kind), int(Kind::Server));
        QCOMPARE(int(info().error().kind), int(Kind::Resting));
        QCOMPARE(m_hub->log().size(), 5);  // nothing was sent
        m_hub->clearFaults();
        QTRY_VERIFY_WITH_TIMEOUT(info().ok(), 60000);  // once it has rested
        QVERIFY(info());
    }

    void theHubsOwnAnswerClosesTheBreaker() {
        HubTiming timing = quickTiming();
        timing.pauses.clear();
        timing.breakerFailures = 2;
        timing.breakerRest = std::chrono::milliseconds(500);
        m_client->setTiming(timing);
        m_hub->addFault({.spoil = faults::status(503), .listener = LocalHub::Listener::Hub, .count = 2});
        QVERIFY(!info());
        QVERIFY(!info());
        QCOMPARE(int(info().error().kind), int(Kind::Resting));
        // The one request that is let through is a large file's: the Hub redirects it, the content server takes its time.
        m_hub->addFault({.spoil = faults::silence(), .listener = LocalHub::Listener::Cdn, .count = -1});
        QObject owner;
        HubStream *stream = nullptr;
        const auto isLetThrough = [&] {
            if (stream) return true;  // asked once more by who waits
            const HubFileAddress file{tiny, QString::fromLatin1(m_commit), QStringLiteral("model.safetensors")};
            const auto opened = m_client->open(file, 0, {}, &owner);
            if (opened) stream = *opened;
            return opened.ok();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isLetThrough(), 60000);
        QSignalSpy answered(stream, &HubStream::hubAnswered);
        QTRY_VERIFY_WITH_TIMEOUT(!answered.isEmpty(), 60000);
        QVERIFY(info());
    }

    void contentServersDoNotOpenTheBreaker() {
        HubTiming timing = quickTiming();
        timing.pauses.clear();
        m_client->setTiming(timing);
        m_hub->addFault({.spoil = faults::status(503), .listener = LocalHub::Listener::Cdn, .count = -1});
        for (int i = 0; i < 8; ++i) QCOMPARE(int(read("model.safetensors", 0, 10).error().kind), int(Kind::Server));
        QVERIFY(info());
    }

    void offline() {
        connectWith({}, true);
        QVERIFY(!info());
        QVERIFY(!read("config.json", 0, 10));
        QCOMPARE(m_hub->log().size(), 0);
    }

    void askerGoesAway() {
        auto *asker = new QObject;
        bool answered = false;
        m_client->info(asker, tiny, {}, [&](HubResult<QJsonObject>) { answered = true; });
        delete asker;
        QVERIFY(info());
        QVERIFY(!answered);
    }
};

QTEST_GUILESS_MAIN(TestHubClient)
#include "test_hub_client.moc"
