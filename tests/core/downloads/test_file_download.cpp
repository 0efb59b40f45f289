// One file through a Hub with faults, over real sockets.
#include "core/base/worker_thread.h"
#include "core/downloads/bandwidth.h"
#include "core/downloads/file_download.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"

#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <sys/resource.h>
#include <csignal>

using namespace millm;
using namespace millm::testing;
using Listener = LocalHub::Listener;

namespace {

const QString repo = QStringLiteral("acme/files");
constexpr int largeSize = 5'000'000;

QByteArray randomBytes(int count) {
    QByteArray bytes(count, Qt::Uninitialized);
    QRandomGenerator(7).fillRange(reinterpret_cast<quint32 *>(bytes.data()), count / 4);
    return bytes;
}

}  // namespace

class TestFileDownload : public QObject {
    Q_OBJECT

    QByteArray m_large = randomBytes(largeSize);
    std::unique_ptr<QTemporaryDir> m_source, m_target;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    std::unique_ptr<WorkerThread> m_worker;
    Bandwidth m_bandwidth;
    QByteArray m_commit;
    int m_waits = 0, m_restarts = 0;
    qint64 m_lastReceived = 0;

    QString target() const { return m_target->filePath("out/file"); }

    FileDownload::Order order(const QString &path) {
        const HubSnapshot snapshot = HubSnapshot::of(m_source->path());
        const HubSnapshotFile *listed = snapshot.find(path);
        FileDownload::Order order;
        order.repoId = repo;
        order.commit = QString::fromLatin1(m_commit);
        order.path = target();
        order.file.path = path;
        order.file.size = listed->size;
        order.file.sha256 = QByteArray::fromHex(listed->sha256);
        if (!listed->lfs) order.file.gitSha1 = QByteArray::fromHex(listed->oid);
        return order;
    }

    /// Nothing where all went well.
    std::optional<Error> fetch(const FileDownload::Order &order) {
        m_waits = m_restarts = 0;
        m_lastReceived = 0;
        FileDownload download(*m_client, m_bandwidth, m_worker->context(), order, nullptr);
        bool finished = false;
        std::optional<Error> error;
        connect(&download, &FileDownload::finished, this, [&] { finished = true; });
        connect(&download, &FileDownload::failed, this, [&](const Error &e) { error = e; });
        connect(&download, &FileDownload::waiting, this, [&] { ++m_waits; });
        connect(&download, &FileDownload::received, this, [&](qint64 total) { m_lastReceived = total; });
        connect(&download, &FileDownload::restartNeeded, this, [&] {
            ++m_restarts;
            download.restart();
        });
        download.start();
        if (!QTest::qWaitFor([&] { return finished || error; }, 60000)) qFatal("the download does not end");
        return error;
    }
    std::optional<Error> fetchLarge() { return fetch(order("large.bin")); }

#define VERIFY_FETCHED(error)                          \
    do {                                               \
        const auto e = (error);                        \
        QVERIFY2(!e, e ? qPrintable(e->message) : ""); \
        QCOMPARE(readFile(target()), m_large);         \
        QCOMPARE(m_lastReceived, qint64(largeSize));   \
    } while (false)

private Q_SLOTS:
    void init() {
        m_source = std::make_unique<QTemporaryDir>();
        m_target = std::make_unique<QTemporaryDir>();
        writeFile(m_source->filePath("large.bin"), m_large);
        writeFile(m_source->filePath("small.json"), "{\"small\": true}");
        writeFile(m_source->filePath("sub/f\u00fcr & wider.txt"), "odd name");
        writeFile(m_source->filePath("empty.txt"), "");
        m_hub = std::make_unique<HubEmulator>();
        m_commit = m_hub->addRepository(repo, m_source->path());
        m_client = std::make_unique<HubClient>(hubSettings(*m_hub, "hf_secret"));
        m_hub->addToken("hf_secret");
        m_client->setTiming(quickTiming());
        m_worker = std::make_unique<WorkerThread>("downloads");
    }
    void cleanup() {
        m_worker.reset();
        m_client.reset();
        QCOMPARE(m_hub->leaks(), 0);
    }

    void well() {
        VERIFY_FETCHED(fetchLarge());
        QCOMPARE(m_hub->count("xet-bridge", Listener::Cdn), 1);
        QVERIFY(!fetch(order("small.json")));
        QCOMPARE(readFile(target()), QByteArray("{\"small\": true}"));
        QVERIFY(!fetch(order("sub/f\u00fcr & wider.txt")));
        QCOMPARE(readFile(target()), QByteArray("odd name"));
        QVERIFY(!fetch(order("empty.txt")));
        QVERIFY(QFile::exists(target()) && readFile(target()).isEmpty());
        for (const HubLogEntry &entry : m_hub->log()) QCOMPARE(entry.acceptEncoding, QByteArray("identity"));
    }

    /// As slowly as was asked, never slower than the silence that the client bears, and right.
    void keepsToTheLimit() {
        m_bandwidth.setLimit(2'500'000);
        QElapsedTimer clock;
        clock.start();
        VERIFY_FETCHED(fetchLarge());
        // All but what the bucket holds at the start takes its time: less would be more than was allowed.
        QVERIFY2(clock.elapsed() >= 1700, qPrintable(QString::number(clock.elapsed())));
        m_bandwidth.setLimit(0);
    }
    /// A limit that goes lets go what waits for it.
    void theLimitCanGoMeanwhile() {
        m_bandwidth.setLimit(20'000);
        QTimer::singleShot(300, this, [this] { m_bandwidth.setLimit(0); });
        VERIFY_FETCHED(fetchLarge());
    }
    void dropsAreResumed() {
        m_hub->addFault({.spoil = faults::drop(0.4), .listener = Listener::Cdn, .count = 6});
        VERIFY_FETCHED(fetchLarge());
        QVERIFY(m_hub->count("xet-bridge", Listener::Cdn) >= 7);  // Qt itself repeats a request whose answer broke off at once
        // More drops than tries: each brought bytes, so the count began anew. Each went on where the last one ended.
        qint64 begin = -1;
        for (const HubLogEntry &entry : m_hub->log()) {
            if (entry.listener != Listener::Cdn) continue;
            const qint64 from = entry.range.isEmpty() ? 0 : entry.range.mid(6).chopped(1).toLongLong();
            QVERIFY(from >= begin);  // what was on its way when the line broke may be lost
            begin = from;
        }
        QVERIFY(begin > largeSize / 2);
    }

    void givesUp() {
        m_hub->addFault({.spoil = faults::hangUp(), .listener = Listener::Cdn, .count = -1});
        const auto error = fetchLarge();
        QVERIFY(error);
        QCOMPARE(int(error->code), int(ErrorCode::ModelDownloadFailed));
        QCOMPARE(error->message, QStringLiteral("Download failed: Network error. Please check connection and try again."));
        QCOMPARE(m_waits, 3);
        QVERIFY(m_hub->count("xet-bridge", Listener::Cdn) >= 4);
    }

    void serverErrors_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("cdn");
        for (const int status : {408, 500, 502, 503, 504}) {
            QTest::addRow("%d at the Hub", status) << status << false;
            QTest::addRow("%d at the content server", status) << status << true;
        }
    }
    void serverErrors() {
        QFETCH(int, status);
        QFETCH(bool, cdn);
        const auto where = cdn ? Listener::Cdn : Listener::Hub;
        m_hub->addFault({.spoil = faults::status(status), .listener = where, .count = 3});
        VERIFY_FETCHED(fetchLarge());
        m_hub->addFault({.spoil = faults::status(status), .listener = where, .count = -1});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains(QString::number(status)));
    }

    void stalls() {
        HubTiming timing = quickTiming();
        timing.stall = std::chrono::milliseconds(400);
        m_client->setTiming(timing);
        m_hub->addFault({.spoil = faults::stall(60'000), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        QVERIFY(m_hub->count("xet-bridge", Listener::Cdn) >= 2);
        m_hub->addFault({.spoil = faults::silence(), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
    }

    void rangeIgnored() {
        m_hub->addFault({.spoil = faults::drop(0.5), .listener = Listener::Cdn});
        m_hub->addFault({.spoil = faults::ignoreRange(), .listener = Listener::Cdn, .skip = 1});
        VERIFY_FETCHED(fetchLarge());
        QCOMPARE(m_restarts, 0);
    }

    void rangeWrong() {
        m_hub->addFault({.spoil = faults::drop(0.5), .listener = Listener::Cdn});
        m_hub->addFault({.spoil = faults::wrongRange(), .listener = Listener::Cdn, .count = 2, .skip = 1});
        VERIFY_FETCHED(fetchLarge());
        m_hub->addFault({.spoil = faults::drop(0.5), .listener = Listener::Cdn});
        m_hub->addFault({.spoil = faults::wrongRange(), .listener = Listener::Cdn, .count = -1, .skip = 1});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("another range"));
    }

    void rangeRefused() {
        m_hub->addFault({.spoil = faults::drop(0.5), .listener = Listener::Cdn});
        m_hub->addFault({.spoil = faults::notSatisfiable(), .listener = Listener::Cdn, .skip = 1});
        VERIFY_FETCHED(fetchLarge());
        QVERIFY(m_restarts <= 1);  // none where the broken line took all its bytes along: then nothing is to be begun again
        m_hub->addFault({.spoil = faults::notSatisfiable(), .listener = Listener::Cdn, .count = -1});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("416"));
    }

    void flippedByte() {
        m_hub->addFault({.spoil = faults::flip(0.7), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        QCOMPARE(m_restarts, 1);
        m_hub->addFault({.spoil = faults::flip(0.7), .listener = Listener::Cdn, .count = 2});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("checksum"));
        QCOMPARE(m_restarts, 1);
        m_hub->addFault({.spoil = faults::flip(0.5), .path = "resolve-cache", .count = 2});
        QVERIFY(fetch(order("small.json")));
    }

    void lengths() {
        m_hub->addFault({.spoil = faults::declaredLength(1000), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        m_hub->addFault({.spoil = faults::shortBody(1000), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        m_hub->addFault({.spoil = faults::longBody(1000), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        m_hub->clearFaults();
        m_hub->addFault({.spoil = faults::body(m_large.left(1000)), .listener = Listener::Cdn, .count = -1});
        m_hub->addFault({.spoil = faults::hangUp(), .listener = Listener::Cdn, .count = -1, .skip = 1});
        QVERIFY(fetchLarge());
    }

    void changedOnServer_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("commit") << QByteArray("X-Repo-Commit") << QByteArray(40, 'd');
        QTest::newRow("size") << QByteArray("X-Linked-Size") << QByteArray("17");
        QTest::newRow("content") << QByteArray("X-Linked-Etag") << '"' + QByteArray(64, 'e') + '"';
    }
    void changedOnServer() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        m_hub->addFault({.spoil = faults::header(name, value), .path = "/resolve/"});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("has changed on the server"));
        // A proxy that drops the Hub's own headers is no reason to fail: the checksum decides.
        m_hub->addFault({.spoil = faults::header(name, {}), .path = "/resolve/"});
        VERIFY_FETCHED(fetchLarge());
    }

    void changedSmallFile() {
        m_hub->addFault({.spoil = faults::header("ETag", "W/\"" + QByteArray(40, 'e') + '"'), .path = "resolve-cache"});
        const auto error = fetch(order("small.json"));
        QVERIFY(error && error->message.contains("has changed on the server"));
    }

    void contentServersOwnTag() {
        m_hub->addFault({.spoil = faults::header("ETag", '"' + QByteArray(64, 'f') + '"'), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
    }

    void signedAddressRunsOut() {
        m_hub->addFault({.spoil = faults::drop(0.3), .listener = Listener::Cdn});
        m_hub->addFault({.spoil = faults::expired(), .listener = Listener::Cdn, .skip = 1});
        VERIFY_FETCHED(fetchLarge());
        QVERIFY(m_hub->count("/resolve/", Listener::Hub) >= 2);  // asked for a new address
        m_hub->setSignatureLifetime(-1000);
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("403"));
    }

    void rateLimits_data() {
        QTest::addColumn<QByteArray>("retryAfter");
        QTest::addColumn<int>("reset");
        QTest::newRow("seconds") << QByteArray("0") << -1;
        QTest::newRow("a date gone by") << QByteArray("Wed, 21 Oct 2015 07:28:00 GMT") << -1;
        QTest::newRow("nothing") << QByteArray() << -1;
        QTest::newRow("RateLimit") << QByteArray() << 0;
    }
    void rateLimits() {
        QFETCH(QByteArray, retryAfter);
        QFETCH(int, reset);
        const auto spoil = reset >= 0 ? faults::rateLimit(reset) : faults::retryAfter(retryAfter);
        m_hub->addFault({.spoil = spoil, .listener = Listener::Hub});
        VERIFY_FETCHED(fetchLarge());
        QCOMPARE(m_waits, 1);
        // Longer than anybody waits.
        m_hub->addFault({.spoil = faults::rateLimit(7200)});
        QVERIFY(fetchLarge());
    }

    void pointers() {
        m_hub->addFault({.spoil = faults::pointer(), .listener = Listener::Cdn});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("LFS pointer"));
    }

    void portals() {
        m_hub->addFault({.spoil = faults::portal(), .listener = Listener::Hub, .count = -1});
        for (const char *path : {"large.bin", "small.json"}) {
            const auto error = fetch(order(path));
            QVERIFY(error && error->message.contains("sign-in page"));
        }
    }

    void redirectTroubles() {
        m_hub->addFault({.spoil = faults::redirectToItself(), .listener = Listener::Hub, .count = -1});
        const auto loop = fetchLarge();
        QVERIFY(loop && loop->message.contains("too many redirects"));
        m_hub->clearFaults();
        m_hub->addFault({.spoil = faults::redirectTo("ftp://127.0.0.1/f"), .listener = Listener::Hub});
        QVERIFY(fetchLarge());
    }

    void compressed() {
        m_hub->addFault({.spoil = faults::gzip(), .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
        m_hub->addFault({.spoil = faults::gzip(), .listener = Listener::Cdn, .count = -1});
        const auto error = fetchLarge();
        QVERIFY(error && error->message.contains("compressed"));
    }

    void withoutLength() {
        m_hub->addFault({.spoil = [](const HttpRequest &, HttpResponse &r) { r.tampering.withoutLength = true; },
                         .listener = Listener::Cdn});
        VERIFY_FETCHED(fetchLarge());
    }

    void missing() {
        FileDownload::Order wrong = order("small.json");
        wrong.file.path = "gone.json";
        const auto error = fetch(wrong);
        QVERIFY(error && error->message.contains("gone.json"));
    }

    void breakerMakesItWait() {
        m_hub->addFault({.spoil = faults::status(503), .listener = Listener::Hub, .count = 6});
        // Six in a row open the breaker on the way; the seventh try is let through after its rest.
        HubTiming timing = quickTiming();
        timing.pauses = {std::chrono::milliseconds(5), std::chrono::milliseconds(5), std::chrono::milliseconds(5),
                         std::chrono::milliseconds(5), std::chrono::milliseconds(5), std::chrono::milliseconds(5)};
        m_client->setTiming(timing);
        VERIFY_FETCHED(fetchLarge());
        QVERIFY(m_waits > 6);
    }

    void fullDisk() {
        // The system's own limit on a file's size stands in for a full disk.
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit small = before;
        small.rlim_cur = 2'000'000;
        setrlimit(RLIMIT_FSIZE, &small);
        FileDownload::Order large = order("large.bin");
        large.required = 5'000'000'000;
        const auto error = fetch(large);
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(error);
        QCOMPARE(int(error->code), int(ErrorCode::InsufficientDisk));
        QVERIFY(error->message.startsWith("Insufficient disk space. Need 5"));
    }

    void folderNotWritable() {
        FileDownload::Order order = this->order("large.bin");
        order.path = "/proc/nowhere/file";
        QVERIFY(fetch(order));
    }

    void linksAreNotFollowed() {
        const QString secret = m_target->filePath("secret");
        writeFile(secret, "keep me");
        QVERIFY(QDir().mkpath(m_target->filePath("out")));
        QVERIFY(QFile::link(secret, target()));
        VERIFY_FETCHED(fetchLarge());
        QCOMPARE(readFile(secret), QByteArray("keep me"));
        QVERIFY(!QFileInfo(target()).isSymLink());
    }

    void abandoned() {
        m_hub->setThrottle(1'000'000);
        auto download =
            std::make_unique<FileDownload>(*m_client, m_bandwidth, m_worker->context(), order("large.bin"), nullptr);
        QSignalSpy received(download.get(), &FileDownload::received);
        download->start();
        QTRY_VERIFY_WITH_TIMEOUT(received.count() > 0, 20000);
        download.reset();
        m_worker->run([] {}).waitForFinished();
        QTest::qWait(50);
    }
};

QTEST_GUILESS_MAIN(TestFileDownload)
#include "test_file_download.moc"
