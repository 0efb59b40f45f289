#include "served_program.h"
#include "tests/support/certificates.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <fcntl.h>
#include <unistd.h>

using namespace millm::testing;
using namespace Qt::StringLiterals;

/// `millm serve`: the real program, its options, its log's end.
class TestServe : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

private Q_SLOTS:
    void servesHttps() {
        const CertificatePair pair = CertificatePair::make(QDir(m_home.path()), u"own"_s);
        ServedProgram server(m_home.path(), {u"--tls-certificate"_s, pair.certificate, u"--tls-key"_s, pair.key});
        const QString url = server.start();
        QVERIFY2(url.startsWith(u"https://127.0.0.1:"), qPrintable(url));
        const auto answer = curl({u"--cacert"_s, pair.certificate, url + u"/api/health"_s});
        QVERIFY2(answer.status == 0, answer.out);
        QVERIFY2(answer.out.contains("\"success\":true"), answer.out);
        QVERIFY(server.end());
    }

    void saysWhatIsWrongWithItsFiles() {
        const CertificatePair one = CertificatePair::make(QDir(m_home.path()), u"one"_s);
        const CertificatePair two = CertificatePair::make(QDir(m_home.path()), u"two"_s);
        ServedProgram server(m_home.path(), {u"--tls-certificate"_s, one.certificate, u"--tls-key"_s, two.key});
        server.QProcess::start();
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
        ServedProgram server(m_home.path(), {u"--api-key-file"_s, keys.fileName(), u"--log-format"_s, u"json"_s});
        const QString url = server.start();
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
        QVERIFY(server.end());
        log += server.readAllStandardError();
        QSet<QString> names;
        for (const QByteArray &line : log.split('\n')) {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (object.value("category"_L1) == "millm.server.access"_L1) names += object.value("key"_L1).toString();
        }
        QCOMPARE(names, (QSet<QString>{u"anna"_s, u"ben"_s, u"cleo"_s, QString()}));
        QVERIFY(!log.contains("secret"));
    }

    /// As timeout(1) and terminals do it: the process is signalled, and the group that it is in right behind that.
    void twoSignalsAtOnceAreOneWish() {
        ServedProgram server(m_home.path(), {});
        QVERIFY(!server.start().isEmpty());
        for (int i = 0; i < 2; ++i) {
            ::kill(pid_t(server.processId()), SIGTERM);
            QThread::msleep(1);  // two that wait at once would be one
        }
        QVERIFY(server.waitForFinished(60'000));
        QCOMPARE(server.exitStatus(), QProcess::NormalExit);
        QCOMPARE(server.exitCode(), 0);
    }

    /// Nobody reads its standard error, whose pipe is soon full: it answers and ends nevertheless, and tells what is missing.
    void nobodyReadsItsLog() {
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        ServedProgram server(m_home.path(), {});
        server.setChildProcessModifier([write = ends[1]] { ::dup2(write, STDERR_FILENO); });
        const QString url = server.start();
        QVERIFY(!url.isEmpty());
        ::close(ends[1]);
        constexpr int requests = 20'000;  // their lines are more than pipe and queue hold
        const auto all =
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
        QVERIFY(server.end());
        ::close(ends[0]);
    }
};

QTEST_GUILESS_MAIN(TestServe)
#include "test_serve.moc"
