// Whole models through the queue: fetched, quantized, published, failed.
#include "core/engine/checkpoint/checkpoint.h"
#include "core/hub/hub_cache.h"
#include "tests/core/downloads/queue_rig.h"
#include "tests/support/small_disk.h"

#include <QDir>
#include <QStorageInfo>
#include <QTimer>

#include <algorithm>

using namespace millm;
using namespace millm::testing;
using engine::Scheme;
using Listener = LocalHub::Listener;

class TestDownloadQueue : public QueueRig {
    Q_OBJECT
private Q_SLOTS:
    void plain() {
        serve({.shards = 2});
        run(Scheme::Plain);
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        QCOMPARE(filesBelow(cacheDir()),
                 (QStringList{"huggingface/acme--tiny-llama--X/README.md", "huggingface/acme--tiny-llama--X/config.json",
                              "huggingface/acme--tiny-llama--X/generation_config.json",
                              "huggingface/acme--tiny-llama--X/model-00001-of-00002.safetensors",
                              "huggingface/acme--tiny-llama--X/model-00002-of-00002.safetensors",
                              "huggingface/acme--tiny-llama--X/model.safetensors.index.json",
                              "huggingface/acme--tiny-llama--X/tokenizer.json"}));
        qint64 bytes = 0;
        for (const QString &path : filesBelow(m_record.outcome.folder)) {
            QCOMPARE(readFile(m_record.outcome.folder + '/' + path), original(path));
            bytes += QFileInfo(m_record.outcome.folder + '/' + path).size();
        }
        QCOMPARE(m_record.outcome.diskBytes, bytes);
        QCOMPARE(m_record.events, (QStringList{"started 1", "finished 1"}));
        QCOMPARE(m_record.progress.last().progress, 100.0);
        QCOMPARE(m_record.progress.last().bytesDownloaded, bytes);
        QCOMPARE(m_queue->length(), 0);
    }

    void quantized_data() {
        QTest::addColumn<int>("scheme");
        QTest::addColumn<int>("shards");
        QTest::addColumn<QString>("marker");
        for (const int shards : {1, 3}) {
            QTest::addRow("Q4, %d files", shards) << int(Scheme::NF4) << shards << "quant_state.bitsandbytes__nf4";
            QTest::addRow("Q8, %d files", shards) << int(Scheme::Int8) << shards << "SCB";
        }
    }

    void quantized() {
        QFETCH(int, scheme);
        QFETCH(int, shards);
        QFETCH(QString, marker);
        serve({.hidden = 128, .intermediate = 256, .layers = 3, .shards = shards});
        run(Scheme(scheme));
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        verifyQuantized(m_record.outcome.folder, marker.toLatin1().constData());
        QVERIFY(m_record.outcome.diskBytes < QFileInfo(m_model->path() + "/model.safetensors").size() || shards > 1);
        for (const QString &path : filesBelow(m_data->path())) {
            QVERIFY2(!path.contains("partial"), qPrintable(path));
            QVERIFY2(!path.endsWith(".py"), qPrintable(path));
        }
    }

    void realCheckpoint() {
        m_model = std::make_unique<QTemporaryDir>();
        m_hub->addRepository(tiny, QStringLiteral(MILLM_FIXTURES "/models/llama"));
        run(Scheme::NF4);
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        QVERIFY(engine::Checkpoint::open(m_record.outcome.folder.toStdString()));
    }

    void throughTrouble_data() {
        QTest::addColumn<int>("scheme");
        QTest::newRow("Q4") << int(Scheme::NF4);
        QTest::newRow("Q8") << int(Scheme::Int8);
        QTest::newRow("FP16") << int(Scheme::Plain);
    }

    void throughTrouble() {
        QFETCH(int, scheme);
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 2});
        const auto calm = job(Scheme(scheme), 1, "calm");
        m_queue->enqueue(calm);
        QVERIFY(waitFor("finished 1"));
        const auto rough = job(Scheme(scheme), 2, "rough");
        m_hub->addFault({.spoil = faults::drop(0.3), .listener = Listener::Cdn, .count = 3});
        m_hub->addFault({.spoil = faults::status(503), .count = 2});
        m_hub->addFault({.spoil = faults::flip(0.6), .listener = Listener::Cdn, .skip = 3});
        m_hub->addFault({.spoil = faults::expired(), .listener = Listener::Cdn, .skip = 4});
        m_hub->addFault({.spoil = faults::ignoreRange(), .listener = Listener::Cdn, .count = 2});
        m_queue->enqueue(rough);
        QVERIFY(waitFor("finished 2"));
        QCOMPARE(filesBelow(folder("rough")), filesBelow(folder("calm")));
        for (const QString &path : filesBelow(folder("calm")))
            QVERIFY2(readFile(folder("rough/") + path) == readFile(folder("calm/") + path), qPrintable(path));
    }

    void wrongBytesThatLookWrong() {
        // A flipped byte in the header makes the converter fail before the checksum has spoken: still only the network's fault.
        serve();
        const DownloadJob order = job(Scheme::NF4);
        m_hub->addFault(
            {.spoil = [](const HttpRequest &, HttpResponse &r) { r.tampering.flipAt = 8; }, .listener = Listener::Cdn});
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        verifyQuantized(m_record.outcome.folder, "nf4");
        m_hub->addFault({.spoil = [](const HttpRequest &, HttpResponse &r) { r.tampering.flipAt = 8; },
                         .listener = Listener::Cdn,
                         .count = -1});
        m_record = {};
        DownloadJob again = order;
        again.folder = folder("again");
        m_queue->enqueue(again);
        QVERIFY(waitFor("failed 1"));
        QVERIFY(m_record.error->message.contains("checksum"));
        QVERIFY(!QFileInfo::exists(folder("again")));
    }

    void failureLeavesNothing() {
        serve({.shards = 2});
        const DownloadJob order = job(Scheme::NF4);
        m_hub->addFault({.spoil = faults::hangUp(), .listener = Listener::Cdn, .count = -1, .skip = 1});
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        QCOMPARE(int(m_record.error->code), int(ErrorCode::ModelDownloadFailed));
        verifyNothingLeft();
        QCOMPARE(m_queue->length(), 0);
    }

    void oneAfterTheOther() {
        serve();
        QList<DownloadJob> jobs;
        for (qint64 id = 1; id <= 4; ++id) jobs.append(job(Scheme::Plain, id, QString::number(id)));
        m_hub->setThrottle(5'000'000);
        for (const DownloadJob &each : jobs) m_queue->enqueue(each);
        QCOMPARE(m_queue->length(), 4);
        QVERIFY(waitFor("started 1"));
        QVERIFY(m_queue->cancel(3));
        QVERIFY(!m_queue->cancel(99));
        QVERIFY(waitFor("finished 4"));
        QStringList order = m_record.events;
        order.removeAll("cancelled 3");
        QCOMPARE(order, (QStringList{"started 1", "finished 1", "started 2", "finished 2", "started 4", "finished 4"}));
        QVERIFY(m_record.events.contains("cancelled 3"));
        QVERIFY(!QFileInfo::exists(folder("3")));
        const bool queued = std::any_of(m_record.progress.begin(), m_record.progress.end(), [](const DownloadProgress &p) {
            return p.modelId == 4 && p.phase == DownloadPhase::Queued && p.progress == 0;
        });
        QVERIFY(queued);
    }

    void afterFailureTheNext() {
        serve();
        const DownloadJob first = job(Scheme::NF4, 1, "one"), second = job(Scheme::NF4, 2, "two");
        m_hub->addFault({.spoil = faults::status(410), .path = "tokenizer", .count = 1});
        m_queue->enqueue(first);
        m_queue->enqueue(second);
        QVERIFY(waitFor("finished 2"));
        QVERIFY(m_record.events.contains("failed 1"));
    }

    void progressIsSteady() {
        serve({.hidden = 512, .intermediate = 1024, .layers = 2});
        const DownloadJob order = job(Scheme::NF4);
        m_hub->setThrottle(20'000'000);
        m_hub->addFault({.spoil = faults::flip(0.5), .listener = Listener::Cdn});
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        QVERIFY(m_record.progress.size() >= 3);
        for (qsizetype i = 1; i < m_record.progress.size(); ++i) {
            QVERIFY(m_record.progress[i].progress >= m_record.progress[i - 1].progress);
            QVERIFY(m_record.progress[i].bytesDownloaded >= m_record.progress[i - 1].bytesDownloaded);
        }
        // About ten a second at most (timers may come a little early), the last one aside.
        QVERIFY(m_record.progress.size() - 1 <= m_record.times.last() / 90 + 1);
        const DownloadProgress &last = m_record.progress.last();
        QCOMPARE(last.progress, 100.0);
        QCOMPARE(last.bytesDownloaded, last.totalBytes);
        QVERIFY(std::any_of(m_record.progress.begin(), m_record.progress.end(), [](const auto &p) { return p.speedMbps > 1; }));
    }

    void waitsAreShown() {
        serve();
        const DownloadJob order = job(Scheme::Plain);
        m_hub->addFault({.spoil = faults::retryAfter("0"), .path = "/resolve/.*safetensors"});
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        QVERIFY(std::any_of(m_record.progress.begin(), m_record.progress.end(),
                            [](const DownloadProgress &p) { return p.phase == DownloadPhase::Waiting && p.waitSeconds == 1; }));
    }

    void noSpace() {
        serve();
        DownloadJob order = job(Scheme::Plain);
        order.plan.weights[0].size = qint64(1) << 50;
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        QCOMPARE(int(m_record.error->code), int(ErrorCode::InsufficientDisk));
        QVERIFY(m_record.error->details.value("required_disk").toInteger() > (qint64(1) << 30));
        QVERIFY(m_record.error->details.value("available_disk").toInteger() > 0);
        verifyNothingLeft();
    }

    void diskThatFillsUnderway_data() {
        QTest::addColumn<int>("scheme");
        QTest::newRow("Q4") << int(Scheme::NF4);
        QTest::newRow("FP16") << int(Scheme::Plain);
    }

    void diskThatFillsUnderway() {
        QFETCH(int, scheme);
        SmallDisk disk("64m");
        if (!disk.isValid()) QSKIP(SmallDisk::needs);
        serve({.hidden = 512, .intermediate = 1024, .layers = 2});
        DownloadJob order = job(Scheme(scheme));
        order.folder = disk.path() + "/huggingface/x";
        m_hub->setThrottle(5'000'000);
        connect(m_queue.get(), &DownloadQueue::progressed, this, [&](const DownloadProgress &progress) {
            if (progress.bytesDownloaded > 0 && !QFileInfo::exists(disk.path() + "/filling")) disk.fill();
        });
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        QCOMPARE(int(m_record.error->code), int(ErrorCode::InsufficientDisk));
        QVERIFY(m_record.error->details.value("required_disk").toInteger() > 0);
        disk.makeRoom();
        QCOMPARE(filesBelow(disk.path()), QStringList());
    }

    void requiredBytes() {
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 4});
        const RepositoryPlan plan = job(Scheme::Plain).plan;
        const qint64 all = plan.downloadBytes();
        const QString target = folder("acme--tiny-llama--X");
        const auto required = [&](Scheme scheme, const HubCache &cache) {
            DownloadJob job;
            job.plan = plan;
            job.quantization = scheme;
            job.folder = target;
            return DownloadQueue::requiredDiskBytes(job, cache);
        };
        const HubCache none({});
        const qint64 plain = required(Scheme::Plain, none), four = required(Scheme::NF4, none);
        QVERIFY(plain >= all && plain < all * 11 / 10);
        QVERIFY(four < required(Scheme::Int8, none) && required(Scheme::Int8, none) < plain);
        // What the official clients' cache has on the same disk is linked, or quantized where it lies.
        const QString official = m_data->filePath("hub");
        writeHubCache(official, tiny, m_model->path());
        QCOMPARE(required(Scheme::Plain, HubCache(official)), 0);
        QVERIFY(required(Scheme::NF4, HubCache(official)) <= four - plan.weights[0].size);
        // On another disk it is copied.
        QTemporaryDir memory(QStringLiteral("/dev/shm/millm-XXXXXX"));
        if (!memory.isValid() || QStorageInfo(memory.path()) == QStorageInfo(m_data->path())) return;
        writeHubCache(memory.path(), tiny, m_model->path());
        QCOMPARE(required(Scheme::Plain, HubCache(memory.path())), plain);
    }

    void shardsGoWhenConverted() {
        // The disk holds one source shard at a time beside what is made of them.
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 4});
        const DownloadJob order = job(Scheme::NF4);
        m_hub->setThrottle(30'000'000);
        qsizetype most = 0;
        bool seen = false;
        QTimer watch;
        connect(&watch, &QTimer::timeout, this, [&] {
            const qsizetype sources = QDir(folder(".acme--tiny-llama--X.partial/source")).entryList(QDir::Files).size();
            seen |= sources > 0;
            most = std::max(most, sources);
            QVERIFY(!QFileInfo::exists(order.folder) || m_queue->length() <= 1);
        });
        watch.start(2);
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        QVERIFY(seen);
        QCOMPARE(most, 1);
    }

    void replacesOldFolder() {
        serve();
        writeFile(folder("acme--tiny-llama--X/stale.bin"), "old");
        writeFile(folder(".acme--tiny-llama--X.partial/model/stale.bin"), "older");
        run(Scheme::Plain);
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        QVERIFY(!filesBelow(cacheDir()).join(' ').contains("stale"));
    }

    void unsafeNames() {
        serve();
        DownloadJob order = job(Scheme::Plain);
        HubFile evil = order.plan.others.first();
        evil.path = "../../evil";
        order.plan.others.append(evil);
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        verifyNothingLeft();
    }

    void gatedWithToken() {
        serve();
        HubAccess terms;
        terms.gated = "manual";
        terms.grants = {"hf_granted"};
        m_hub->setAccess(tiny, terms);
        m_hub->addToken("hf_granted");
        connectWith(hubSettings(*m_hub, "hf_granted"));
        DownloadJob order = job(Scheme::Plain);
        order.token = "hf_granted";
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        QCOMPARE(m_hub->leaks(), 0);
        // The access is taken away while the job waits.
        terms.grants.clear();
        m_hub->setAccess(tiny, terms);
        m_record = {};
        order.modelId = 2;
        order.folder = folder("second");
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 2"));
        QCOMPARE(int(m_record.error->code), int(ErrorCode::InvalidHfToken));
        QVERIFY(!m_record.error->message.contains("hf_granted"));
    }

    void mainMovesOn() {
        // Everything is pinned to the commit that was inspected: an update in between cannot mix two versions.
        serve();
        const DownloadJob order = job(Scheme::Plain);
        const QByteArray weights = original("model.safetensors");
        QTemporaryDir newer;
        writeLlama(newer.path(), {.seed = 99});
        m_hub->addRepository(tiny, newer.path());
        m_queue->enqueue(order);
        QVERIFY(waitFor("finished 1"));
        QCOMPARE(readFile(order.folder + "/model.safetensors"), weights);
    }

    void leftovers() {
        writeFile(folder(".a--b--Q4.partial/source/x"), "x");
        writeFile(cacheDir() + "/.c.partial/x", "x");
        writeFile(folder("a--b--Q4/config.json"), "{}");
        writeFile(m_data->filePath("outside/.d.partial/x"), "x");
        QVERIFY(QDir().mkpath(cacheDir() + "/local"));
        QVERIFY(QFile::link(m_data->filePath("outside"), cacheDir() + "/local/link"));
        QVERIFY(QFile::link(m_data->filePath("outside"), cacheDir() + "/.evil.partial"));
        // The folder of downloads may be on another disk.
        const QString elsewhere = m_data->filePath("elsewhere");
        QVERIFY(QDir().rename(cacheDir() + "/huggingface", elsewhere));
        QVERIFY(QFile::link(elsewhere, cacheDir() + "/huggingface"));
        DownloadQueue::removeLeftovers(cacheDir());
        QVERIFY(!QFileInfo::exists(folder(".a--b--Q4.partial")));
        QVERIFY(!QFileInfo::exists(cacheDir() + "/.c.partial"));
        QVERIFY(QFileInfo::exists(folder("a--b--Q4/config.json")));
        QVERIFY(QFileInfo::exists(m_data->filePath("outside/.d.partial/x")));
        DownloadQueue::removeLeftovers(m_data->filePath("not there"));
    }
};

QTEST_GUILESS_MAIN(TestDownloadQueue)
#include "test_download_queue.moc"
