// A large file, downloaded, hashed and quantized, while the event loop of the services goes on turning.
#include "core/downloads/download_queue.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/stall_watch.h"
#include "tests/support/waiting.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>

using namespace millm;
using namespace millm::testing;

namespace {

const QString repo = QStringLiteral("acme/large");

/// The program's own resident memory, in bytes.
qint64 residentBytes() {
    QFile file("/proc/self/statm");
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLongLong() * 4096 : 0;
}

}  // namespace

class TestLargeDownload : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void largeFile_data() {
        QTest::addColumn<int>("scheme");
        QTest::newRow("Q4") << int(engine::Scheme::NF4);
        QTest::newRow("FP16") << int(engine::Scheme::Plain);
    }
    void largeFile() {
        QFETCH(int, scheme);
        QTemporaryDir model, data;
        writeLlama(model.path(),
                   {.vocab = 4096, .hidden = 2048, .intermediate = 8192, .layers = 1, .heads = 16, .sparse = true});
        const qint64 size = QFileInfo(model.filePath("model.safetensors")).size();
        QVERIFY(size > 200'000'000);
        HubEmulator hub;
        hub.addRepository(repo, model.path());
        HubClient client(hubSettings(hub));
        client.setTiming(quickTiming());
        RepositoryInspector inspector(client);
        const auto plan = answer(inspector.inspect(repo, {}));
        QVERIFY2(plan && plan->decoder, plan ? qPrintable(plan->unsupportedReason) : qPrintable(plan.error().message));
        DownloadQueue queue(client);
        bool done = false;
        std::optional<Error> error;
        qint64 mostMemory = 0, turns = 0;
        connect(&queue, &DownloadQueue::finished, this, [&] { done = true; });
        connect(&queue, &DownloadQueue::failed, this, [&](qint64, const Error &e) { error = e; });
        connect(&queue, &DownloadQueue::progressed, this, [&] { ++turns; });
        StallWatch watch;
        watch.restart();
        const qint64 memoryBefore = residentBytes();
        QElapsedTimer clock;
        clock.start();
        queue.enqueue({.modelId = 1,
                       .plan = *plan,
                       .quantization = engine::Scheme(scheme),
                       .token = {},
                       .folder = data.filePath("m/large")});
        QVERIFY(QTest::qWaitFor(
            [&] {
                mostMemory = std::max(mostMemory, residentBytes());
                return done || error;
            },
            280'000));
        QVERIFY2(!error, error ? qPrintable(error->message) : "");
        const qint64 took = clock.elapsed();
        qInfo() << size / 1'000'000 << "MB in" << took << "ms, longest gap of the event loop" << watch.longestGapMs()
                << "ms, memory +" << (mostMemory - memoryBefore) / 1'000'000 << "MB";
        // Work that blocked the loop would show as one gap of nearly the whole time; a loaded machine makes short ones.
        QVERIFY2(watch.longestGapMs() < std::max<qint64>(400, took / 3), "the event loop was blocked");
        QVERIFY(watch.ticks() > 20);
        QVERIFY(turns > 1);
        // The address sanitizer keeps what is freed for a while: there memory says nothing.
#ifndef __SANITIZE_ADDRESS__
        QVERIFY2(mostMemory - memoryBefore < size / 2, "the file was held in memory");
#endif
        QCOMPARE(QThreadPool::globalInstance()->activeThreadCount(), 0);
    }
};

QTEST_GUILESS_MAIN(TestLargeDownload)
#include "test_large_download.moc"
