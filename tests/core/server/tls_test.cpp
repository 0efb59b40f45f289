#include "core/server/http/certificate.h"
#include "raw_client.h"
#include "test_front.h"
#include "tests/support/certificates.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace millm::http;
using namespace std::chrono_literals;
using millm::testing::CertificatePair;

/// HTTPS, met by curl and openssl: certificates that change, clients that do not speak TLS, and ends of connections.
class TlsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    CertificatePair m_first, m_second;

    QDir folder() const { return QDir(m_folder.path()); }

    /// A server whose certificate can be changed.
    struct TlsFront {
        explicit TlsFront(const QDir &folder, const CertificatePair &pair, const Limits &limits = {})
            : own{folder.filePath(QStringLiteral("own.pem")), folder.filePath(QStringLiteral("own.key"))} {
            pair.replace(own);
            read = files.emplace(own.certificate, own.key, 10ms).read().ok();
            front.emplace(limits, millm::Settings(), &*files);
        }
        quint16 port() const { return front->port; }
        QString url(const char *path) const {
            return QStringLiteral("https://localhost:%1%2").arg(port()).arg(QString::fromLatin1(path));
        }
        const CertificatePair own;
        std::optional<CertificateFiles> files;
        std::optional<TestFront> front;
        bool read = false;
    };

    struct Run {
        int status = -1;
        QByteArray out, err;
    };
    /// Runs a program while this thread serves.
    static Run run(const QString &program, const QStringList &arguments, const QByteArray &input = {}) {
        QProcess process;
        process.start(program, arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!RawClient::wait([&] { return process.state() == QProcess::NotRunning; })) process.kill();
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
                process.readAllStandardError()};
    }
    Run curl(const QString &certificate, const QStringList &arguments) const {
        return run(QStringLiteral("curl"),
                   QStringList{QStringLiteral("--silent"), QStringLiteral("--show-error"), QStringLiteral("--noproxy"),
                               QStringLiteral("*"), QStringLiteral("--cacert"), certificate} +
                       arguments);
    }
    static bool connectTo(QSslSocket &socket, quint16 port) {
        socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.connectToHostEncrypted(QStringLiteral("localhost"), port);
        return RawClient::wait([&] { return socket.isEncrypted() || socket.error() != QAbstractSocket::UnknownSocketError; }) &&
               socket.isEncrypted();
    }
    static QByteArray ask(QSslSocket &socket, const QByteArray &bytes, const QByteArray &until) {
        socket.write(bytes);
        QByteArray came;
        RawClient::wait([&] {
            came += socket.readAll();
            return came.contains(until) || socket.state() != QAbstractSocket::ConnectedState;
        });
        return came;
    }
    static QByteArray commonName(const QSslSocket &socket) {
        return socket.peerCertificate().subjectInfo(QSslCertificate::CommonName).value(0).toUtf8();
    }

private Q_SLOTS:
    void initTestCase() {
        m_first = CertificatePair::make(folder(), QStringLiteral("first"));
        m_second = CertificatePair::make(folder(), QStringLiteral("second"));
    }

    void speaksToCurlAndKeepsTheLine() {
        TlsFront server(folder(), m_first);
        QVERIFY(server.read);
        const Run two = curl(m_first.certificate, {QStringLiteral("--verbose"), QStringLiteral("--write-out"),
                                                   QStringLiteral("|%{http_version} %{num_connects}|"), server.url("/hello"),
                                                   server.url("/api/things/7")});
        QVERIFY2(two.status == 0, two.err);
        QVERIFY2(two.out.contains(R"({"hello":"you"}|1.1 1|)"), two.out);
        QVERIFY2(two.out.contains("7|1.1 0|"), two.out);                          // over the same connection
        QCOMPARE(curl(m_second.certificate, {server.url("/hello")}).status, 60);  // not the certificate that it trusts
    }

    void speaksModernTlsOnly_data() {
        QTest::addColumn<QString>("version");
        QTest::addColumn<bool>("spoken");
        QTest::newRow("1.3") << QStringLiteral("-tls1_3") << true;
        QTest::newRow("1.2") << QStringLiteral("-tls1_2") << true;
        QTest::newRow("1.1") << QStringLiteral("-tls1_1") << false;
    }
    void speaksModernTlsOnly() {
        QFETCH(QString, version);
        QFETCH(bool, spoken);
        TlsFront server(folder(), m_first);
        const Run talk = run(QStringLiteral("openssl"),
                             {QStringLiteral("s_client"), QStringLiteral("-connect"),
                              QStringLiteral("localhost:%1").arg(server.port()), version, QStringLiteral("-cipher"),
                              QStringLiteral("DEFAULT:@SECLEVEL=0"), QStringLiteral("-quiet"), QStringLiteral("-verify_quiet"),
                              QStringLiteral("-CAfile"), m_first.certificate, QStringLiteral("-verify_return_error")},
                             "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        QCOMPARE(talk.out.contains("hello"), spoken);
    }

    void keysOfOtherKinds_data() {
        QTest::addColumn<QString>("form");
        QTest::addColumn<QStringList>("more");
        QTest::newRow("curve") << QStringLiteral("ec")
                               << QStringList{QStringLiteral("-noenc"), QStringLiteral("-pkeyopt"),
                                              QStringLiteral("ec_paramgen_curve:prime256v1")};
        QTest::newRow("ed25519") << QStringLiteral("ed25519") << QStringList{QStringLiteral("-noenc")};
    }
    void keysOfOtherKinds() {
        QFETCH(QString, form);
        QFETCH(QStringList, more);
        const CertificatePair pair = CertificatePair::make(folder(), form, form, more);
        TlsFront server(folder(), pair);
        QVERIFY(server.read);
        const Run answer = curl(pair.certificate, {server.url("/hello")});
        QVERIFY2(answer.status == 0, answer.err);
        QCOMPARE(answer.out, R"({"hello":"you"})");
    }

    void newConnectionsSeeANewCertificate() {
        TlsFront server(folder(), m_first);
        QSslSocket old;
        QVERIFY(connectTo(old, server.port()));
        QCOMPARE(commonName(old), "first");
        old.write(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.front->parked.isNull(); }));

        QSignalSpy reloaded(&*server.files, &CertificateFiles::reloaded);
        m_second.replace(server.own);
        QVERIFY(RawClient::wait([&] { return !reloaded.isEmpty(); }));
        QSslSocket fresh;
        QVERIFY(connectTo(fresh, server.port()));
        QCOMPARE(commonName(fresh), "second");
        QCOMPARE(curl(m_second.certificate, {server.url("/hello")}).status, 0);

        // What was under way goes on, and so does its connection.
        server.front->parked->send(json(200, {{"still", true}}));
        QVERIFY(ask(old, {}, "still").contains(R"({"still":true})"));
        QVERIFY(ask(old, request("GET", "/hello"), "you").contains("200 OK"));
        QCOMPARE(commonName(old), "first");
    }

    void aWrongPairLeavesTheOneBefore() {
        TlsFront server(folder(), m_first);
        QSignalSpy reloaded(&*server.files, &CertificateFiles::reloaded);
        QTest::ignoreMessage(
            QtWarningMsg,
            QRegularExpression(QStringLiteral("own.key is not the key of the first certificate.*stays in force")));
        m_second.replace(server.own, true, false);
        for (int i = 0; i < 3; ++i) {
            QTest::qWait(30);
            QCOMPARE(curl(m_first.certificate, {server.url("/hello")}).status, 0);
        }
        QVERIFY(reloaded.isEmpty());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("own.key does not exist.*stays in force")));
        QVERIFY(QFile::remove(server.own.key));
        QTest::qWait(60);
        m_second.replace(server.own, false, true);
        QVERIFY(RawClient::wait([&] { return !reloaded.isEmpty(); }));
        QCOMPARE(curl(m_second.certificate, {server.url("/hello")}).status, 0);
    }

    void wrongFilesAreNamed_data() {
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("wrong");
        const auto file = [&](const char *name, const QByteArray &bytes) {
            QFile made(folder().filePath(QString::fromLatin1(name)));
            if (!made.open(QIODevice::WriteOnly) || made.write(bytes) != bytes.size()) qFatal("not written");
            return made.fileName();
        };
        const CertificatePair first = CertificatePair::make(folder(), QStringLiteral("here"));
        const CertificatePair other = CertificatePair::make(folder(), QStringLiteral("there"));
        const CertificatePair secret = CertificatePair::make(folder(), QStringLiteral("secret"), QStringLiteral("rsa:2048"),
                                                             {QStringLiteral("-passout"), QStringLiteral("pass:1234")});
        const QString pipe = folder().filePath(QStringLiteral("pipe"));
        QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
        QTest::newRow("no certificate") << folder().filePath(QStringLiteral("none.pem")) << first.key
                                        << QStringLiteral("none.pem does not exist");
        QTest::newRow("no key") << first.certificate << folder().filePath(QStringLiteral("none.key"))
                                << QStringLiteral("none.key does not exist");
        QTest::newRow("folder") << m_folder.path() << first.key << m_folder.path();
        QTest::newRow("named pipe") << first.certificate << pipe << pipe;
        QTest::newRow("no PEM") << file("text.pem", "hello\n") << first.key << QStringLiteral("text.pem holds no certificate");
        QTest::newRow("key for certificate") << first.key << first.key << QStringLiteral("here.key holds no certificate");
        QTest::newRow("certificate for key")
            << first.certificate << first.certificate << QStringLiteral("here.pem holds no private key");
        QTest::newRow("another's key") << first.certificate << other.key << QStringLiteral("there.key is not the key of");
        QTest::newRow("encrypted key") << secret.certificate << secret.key << QStringLiteral("secret.key is encrypted");
        QTest::newRow("too long") << file("long.pem", QByteArray(1024 * 1024 + 1, 'x')) << first.key
                                  << QStringLiteral("long.pem");
    }
    void wrongFilesAreNamed() {
        QFETCH(QString, certificate);
        QFETCH(QString, key);
        QFETCH(QString, wrong);
        const auto read = readCertificate(certificate, key);
        QVERIFY(!read);
        QVERIFY2(read.error().message.contains(wrong), qPrintable(read.error().message));
    }

    void tellsWhoSpeaksNoTls() {
        TlsFront server(folder(), m_first);
        RawClient plain(server.port());
        const RawAnswer answer = plain.ask(request("GET", "/hello"));
        QCOMPARE(answer.status, 400);
        QVERIFY2(answer.body.contains("https://"), answer.body);
        QVERIFY(plain.waitClosed());
        RawClient garbage(server.port());
        garbage.send(QByteArray("\x16\x03\x01") + QByteArray(600, 'x'));
        QVERIFY(garbage.waitClosed());
        QVERIFY(RawClient::wait([&] { return server.front->front.connections() == 0; }));
    }

    void slowHandshakesEnd() {
        Limits limits;
        limits.headTime = 100ms;
        TlsFront server(folder(), m_first, limits);
        RawClient silent(server.port()), slow(server.port());
        slow.send(QByteArray("\x16\x03\x01\x02\x00\x01", 6));  // of a hello that never comes
        QVERIFY(silent.waitClosed());
        QVERIFY(slow.waitClosed());
    }

    void handshakesMakeRoom() {
        Limits limits;
        limits.connections = 5;
        TlsFront server(folder(), m_first, limits);
        std::vector<std::unique_ptr<RawClient>> silent;
        for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<RawClient>(server.port()));
        QCOMPARE(curl(m_first.certificate, {server.url("/hello")}).status, 0);
        QVERIFY(server.front->front.connections() <= 5);
    }

    /// An answer that ends with the line is whole only where TLS says goodbye: curl holds on to that.
    void endsWithAGoodbye() {
        TlsFront server(folder(), m_first);
        QProcess curl;
        curl.start(QStringLiteral("curl"),
                   {QStringLiteral("-sS"), QStringLiteral("--http1.0"), QStringLiteral("--cacert"), m_first.certificate,
                    QStringLiteral("--noproxy"), QStringLiteral("*"), server.url("/api/stream")});
        QVERIFY(RawClient::wait([&] { return !server.front->stream.isNull(); }));
        server.front->stream->sendText("one");
        server.front->stream->end("two");
        QVERIFY(RawClient::wait([&] { return curl.state() == QProcess::NotRunning; }));
        QVERIFY2(curl.exitCode() == 0, curl.readAllStandardError());
        const QByteArray out = curl.readAllStandardOutput();
        QVERIFY2(out.endsWith("data: one\n\ndata: two\n\n"), out);
        QVERIFY(RawClient::wait([&] { return server.front->front.connections() == 0; }));
    }

    /// A refusal arrives although the client is in the middle of sending.
    void refusesInTheMiddleOfABody() {
        Limits limits;
        limits.lingerBytes = 64 * 1024 * 1024;
        TlsFront server(folder(), m_first, limits);
        QFile body(folder().filePath(QStringLiteral("body.json")));
        QVERIFY(body.open(QIODevice::WriteOnly));
        body.write(QByteArray(8 * 1024 * 1024, ' '));
        body.close();
        const Run answer = curl(m_first.certificate, {QStringLiteral("-H"), QStringLiteral("Content-Type: application/json"),
                                                      QStringLiteral("-H"), QStringLiteral("Expect:"), QStringLiteral("-w"),
                                                      QStringLiteral("%{http_code}"), QStringLiteral("--data-binary"),
                                                      QStringLiteral("@") + body.fileName(), server.url("/api/json")});
        QVERIFY2(answer.out.contains("PAYLOAD_TOO_LARGE") && answer.out.endsWith("413"), answer.out + answer.err);
    }

    void sendsLargeAnswersWhole() {
        TlsFront server(folder(), m_first);
        const Run answer =
            curl(m_first.certificate, {server.url("/api/large"), QStringLiteral("-H"), QStringLiteral("Connection: close")});
        QVERIFY2(answer.status == 0, answer.err);
        QCOMPARE(answer.out.size(), 8 * 1024 * 1024);
    }

    void cutsStreamsThatNobodyReads() {
        TlsFront server(folder(), m_first);
        QSslSocket socket;
        socket.setReadBufferSize(1024);
        QVERIFY(connectTo(socket, server.port()));
        socket.write(request("GET", "/api/stream"));
        QVERIFY(RawClient::wait([&] { return !server.front->stream.isNull(); }));
        const QByteArray event(64 * 1024, 'x');
        qint64 sent = 0;
        while (server.front->abandoned == 0 && sent < 512 * 1024 * 1024) {
            if (server.front->stream) server.front->stream->sendText(event);
            sent += event.size();
            QTest::qWait(0);
        }
        QCOMPARE(server.front->abandoned, 1);
        QVERIFY(RawClient::wait([&] { return server.front->front.connections() == 0; }));
    }

    void shutsDownInOrder() {
        TlsFront server(folder(), m_first);
        QSslSocket idle;
        QVERIFY(connectTo(idle, server.port()));
        QVERIFY(ask(idle, request("GET", "/hello"), "you").contains("200 OK"));
        const QFuture<void> stopped = server.front->front.shutDown(5);
        QVERIFY(RawClient::wait([&] { return idle.state() == QAbstractSocket::UnconnectedState; }));
        QVERIFY(RawClient::wait([&] { return stopped.isFinished(); }));
    }
};

QTEST_GUILESS_MAIN(TlsTest)
#include "tls_test.moc"
