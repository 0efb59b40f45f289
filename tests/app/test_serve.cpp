#include "tests/support/certificates.h"
#include "tests/support/hub_fixture.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>

using namespace millm::testing;
using namespace Qt::StringLiterals;

/// `millm serve`: the real program, its options, its log's end and its own.
class TestServe : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

    struct Ended {
        int status = -1;
        QByteArray out;
    };
    static Ended run(const QString &program, const QStringList &arguments) {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program, arguments);
        process.closeWriteChannel();
        if (!process.waitForFinished(240'000)) process.kill();
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAll()};
    }
    static Ended curl(const QStringList &arguments) {
        return run(u"curl"_s, QStringList{u"-sS"_s, u"--noproxy"_s, u"*"_s} + arguments);
    }

    void prepare(QProcess &server, const QStringList &options) const {
        QProcessEnvironment environment;
        for (const QString &name : {u"PATH"_s, u"ASAN_OPTIONS"_s, u"LSAN_OPTIONS"_s, u"UBSAN_OPTIONS"_s})
            if (qEnvironmentVariableIsSet(name.toLatin1().constData()))
                environment.insert(name, qEnvironmentVariable(name.toLatin1().constData()));
        environment.insert(u"HOME"_s, m_home.path());
        environment.insert(u"HF_HUB_OFFLINE"_s, u"1"_s);
        server.setProcessEnvironment(environment);
        server.setWorkingDirectory(m_home.path());
        server.setProgram(QStringLiteral(MILLM_PROGRAM));
        server.setArguments(
            QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--device"_s, u"cpu"_s, u"--data-dir"_s, m_home.filePath(u"data"_s)} +
            options);
    }
    /// Starts it; the address that it prints.
    static QString start(QProcess &server) {
        server.start();
        QByteArray line;
        while (!line.endsWith('\n') && server.waitForReadyRead(120'000)) line += server.readLine();
        return QString::fromUtf8(line).remove(u"Listening on "_s).trimmed();
    }
    static bool end(QProcess &server) {
        ::kill(pid_t(server.processId()), SIGTERM);
        return server.waitForFinished(60'000) && server.exitStatus() == QProcess::NormalExit && server.exitCode() == 0;
    }

private Q_SLOTS:
    void servesHttps() {
        const CertificatePair pair = CertificatePair::make(QDir(m_home.path()), u"own"_s);
        QProcess server;
        prepare(server, {u"--tls-certificate"_s, pair.certificate, u"--tls-key"_s, pair.key});
        const QString url = start(server);
        QVERIFY2(url.startsWith(u"https://127.0.0.1:"), qPrintable(url));
        const Ended answer = curl({u"--cacert"_s, pair.certificate, url + u"/api/health"_s});
        QVERIFY2(answer.status == 0, answer.out);
        QVERIFY2(answer.out.contains("\"success\":true"), answer.out);
        QVERIFY(end(server));
    }

    void saysWhatIsWrongWithItsFiles() {
        const CertificatePair one = CertificatePair::make(QDir(m_home.path()), u"one"_s);
        const CertificatePair two = CertificatePair::make(QDir(m_home.path()), u"two"_s);
        QProcess server;
        prepare(server, {u"--tls-certificate"_s, one.certificate, u"--tls-key"_s, two.key});
        server.start();
        QVERIFY(server.waitForFinished(120'000));
        QCOMPARE(server.exitCode(), 1);
        const QByteArray words = server.readAllStandardError();
        QVERIFY2(words.contains("two.key is not the key of the first certificate"), words);
    }

    void opensToTheKeysOfAFile() {
        QFile keys(m_home.filePath(u"keys"_s));
        QVERIFY(keys.open(QIODevice::WriteOnly));
        keys.write("# people\nanna:first-secret\nben:second-secret\n");
        keys.close();
        QProcess server;
        prepare(server, {u"--api-key-file"_s, keys.fileName(), u"--log-format"_s, u"json"_s});
        const QString url = start(server);
        const auto statusOf = [&](const char *key) {
            return curl({u"-o"_s, u"/dev/null"_s, u"-w"_s, u"%{http_code}"_s, u"-H"_s,
                         u"Authorization: Bearer "_s + QString::fromLatin1(key), url + u"/api/models"_s})
                .out;
        };
        QCOMPARE(statusOf("first-secret"), "200");
        QCOMPARE(statusOf("second-secret"), "200");
        QCOMPARE(statusOf("third-secret"), "401");
        // Keys change without a new start; a file that is wrong changes nothing.
        const auto write = [&](const QByteArray &text) {
            QVERIFY(keys.open(QIODevice::WriteOnly | QIODevice::Truncate));
            keys.write(text);
            keys.close();
        };
        write("ben:second-secret\ncleo:fourth-secret\n");
        QTRY_COMPARE_WITH_TIMEOUT(statusOf("fourth-secret"), "200", 60'000);
        QCOMPARE(statusOf("first-secret"), "401");
        QCOMPARE(statusOf("second-secret"), "200");
        write("nothing of use\n");
        QByteArray log;
        QTRY_VERIFY_WITH_TIMEOUT((log += server.readAllStandardError()).contains("API keys before stay in force"), 60'000);
        QCOMPARE(statusOf("fourth-secret"), "200");
        QVERIFY(end(server));
        log += server.readAllStandardError();
        QSet<QString> names;
        for (const QByteArray &line : log.split('\n')) {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (object.value("category"_L1) == "millm.server.access"_L1) names += object.value("key"_L1).toString();
        }
        QCOMPARE(names, (QSet<QString>{u"anna"_s, u"ben"_s, u"cleo"_s, QString()}));
        QVERIFY(!log.contains("secret"));
    }

    /// Nobody reads its standard error, whose pipe is soon full: it answers and ends nevertheless, and tells what is missing.
    void nobodyReadsItsLog() {
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        QProcess server;
        prepare(server, {});
        server.setChildProcessModifier([write = ends[1]] { ::dup2(write, STDERR_FILENO); });
        const QString url = start(server);
        QVERIFY(!url.isEmpty());
        ::close(ends[1]);
        constexpr int requests = 20'000;  // their lines are more than pipe and queue hold
        const Ended all =
            curl({u"-o"_s, u"/dev/null"_s, u"-w"_s, u"%{http_code}\n"_s, u"%1/api/health?[1-%2]"_s.arg(url).arg(requests)});
        QCOMPARE(all.out.count("200\n"), requests);
        // Somebody does at last.
        QByteArray log, some(65536, Qt::Uninitialized);
        while (!log.contains("messages are missing here")) {
            const ssize_t count = ::read(ends[0], some.data(), std::size_t(some.size()));
            QVERIFY(count > 0);
            log += some.first(count);
        }
        // And again nobody.
        curl({u"-o"_s, u"/dev/null"_s, u"%1/api/health?[1-%2]"_s.arg(url).arg(requests)});
        QVERIFY(end(server));
        ::close(ends[0]);
    }

    /// Texts that together take longer than a program may take to end.
    void endsInTheMiddleOfLongTexts() {
        QProcess server;
        prepare(server, {u"--log-level"_s, u"warning"_s});
        const QString url = start(server);
        const auto post = [&](const QString &path, const QByteArray &body) {
            return curl(
                {u"-H"_s, u"Content-Type: application/json"_s, u"--data-binary"_s, QString::fromUtf8(body), url + path});
        };
        const QByteArray folder = QJsonDocument(QJsonObject{{u"source"_s, u"local"_s},
                                                            {u"quantization"_s, u"FP16"_s},
                                                            {u"local_path"_s, QStringLiteral(MILLM_SAMPLE_MODEL)}})
                                      .toJson(QJsonDocument::Compact);
        const Ended added = post(u"/api/models"_s, folder);
        const qint64 id = QJsonDocument::fromJson(added.out).object().value("data"_L1).toObject().value("id"_L1).toInteger();
        QVERIFY2(id > 0, added.out);
        const Ended loaded = post(u"/api/models/%1/load?wait=true"_s.arg(id), R"({"force":true})");
        QVERIFY2(loaded.out.contains("\"loaded\""), loaded.out);

        QFile text(m_home.filePath(u"long.json"_s));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("{\"prompt\":\"" + QByteArray("a long way to go ").repeated(61'000) +
                   "\"}");  // nearly the most that is read
        text.close();
        std::vector<std::unique_ptr<QProcess>> clients;
        for (int i = 0; i < 30; ++i) {
            clients.push_back(std::make_unique<QProcess>());
            clients.back()->start(u"curl"_s, {u"-sS"_s, u"--noproxy"_s, u"*"_s, u"-H"_s, u"Content-Type: application/json"_s,
                                              u"--data-binary"_s, u"@"_s + text.fileName(), url + u"/tokenize"_s});
        }
        const auto answered = [&] {
            return std::ranges::count_if(clients, [](const auto &client) { return client->state() == QProcess::NotRunning; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(answered() > 0, 120'000);
        ::kill(pid_t(server.processId()), SIGTERM);
        QVERIFY(server.waitForFinished(60'000));
        QCOMPARE(server.exitStatus(), QProcess::NormalExit);
        QCOMPARE(server.exitCode(), 0);
        qsizetype whole = 0;
        for (const auto &client : clients) {
            QVERIFY(client->state() == QProcess::NotRunning || client->waitForFinished(60'000));
            whole += client->readAllStandardOutput().contains("\"tokens\"");
        }
        QVERIFY(whole > 0);
        QVERIFY2(whole < 30, "the texts were too short to tell");
    }
};

QTEST_GUILESS_MAIN(TestServe)
#include "test_serve.moc"
