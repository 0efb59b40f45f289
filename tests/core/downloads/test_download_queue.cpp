// Whole models through the queue: fetched, quantized, published, cancelled, failed.
#include "core/downloads/download_queue.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <algorithm>

using namespace millm;
using namespace millm::testing;
using engine::Scheme;
using Listener = LocalHub::Listener;

namespace {

const QString tiny = QStringLiteral("acme/tiny-llama");

/// What a queue said, in order.
struct Record {
    QStringList events;  ///< "started 1", "finished 1"…
    QList<DownloadProgress> progress;
    QList<qint64> times;
    std::optional<Error> error;
    DownloadOutcome outcome;
};

}  // namespace

class TestDownloadQueue : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_model, m_data;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    std::unique_ptr<RepositoryInspector> m_inspector;
    std::unique_ptr<DownloadQueue> m_queue;
    Record m_record;
    QElapsedTimer m_clock;

    QString cacheDir() const { return m_data->filePath("models"); }
    QString folder(const QString &name) const { return cacheDir() + "/huggingface/" + name; }

    void serve(const LlamaSpec &spec = {}) {
        m_model = std::make_unique<QTemporaryDir>();
        writeLlama(m_model->path(), spec);
        m_hub->addRepository(tiny, m_model->path());
    }
    void connectWith(const Settings &settings) {
        m_queue.reset();
        m_inspector.reset();
        m_client = std::make_unique<HubClient>(settings);
        m_client->setTiming(quickTiming());
        m_inspector = std::make_unique<RepositoryInspector>(*m_client);
        m_queue = std::make_unique<DownloadQueue>(*m_client);
        m_record = {};
        m_clock.start();
        const auto note = [this](const char *what, qint64 id) {
            m_record.events.append(QStringLiteral("%1 %2").arg(what).arg(id));
        };
        connect(m_queue.get(), &DownloadQueue::started, this, [=](qint64 id) { note("started", id); });
        connect(m_queue.get(), &DownloadQueue::cancelled, this, [=](qint64 id) { note("cancelled", id); });
        connect(m_queue.get(), &DownloadQueue::finished, this, [=, this](qint64 id, const DownloadOutcome &outcome) {
            m_record.outcome = outcome;
            note("finished", id);
        });
        connect(m_queue.get(), &DownloadQueue::failed, this, [=, this](qint64 id, const Error &error) {
            m_record.error = error;
            note("failed", id);
        });
        connect(m_queue.get(), &DownloadQueue::progressed, this, [this](const DownloadProgress &progress) {
            m_record.progress.append(progress);
            m_record.times.append(m_clock.elapsed());
        });
    }
    DownloadJob job(Scheme scheme, qint64 id = 1, const QString &name = "acme--tiny-llama--X") {
        auto plan = answer(m_inspector->inspect(tiny, {}));
        if (!plan) qFatal("no plan: %s", qPrintable(plan.error().message));
        if (!plan->decoder) qFatal("no decoder: %s", qPrintable(plan->unsupportedReason));
        DownloadJob job;
        job.modelId = id;
        job.plan = *plan;
        job.quantization = scheme;
        job.folder = folder(name);
        return job;
    }
    bool waitFor(const QString &event) {
        return QTest::qWaitFor([&] { return m_record.events.contains(event); }, 120000);
    }
    void run(Scheme scheme) {
        m_queue->enqueue(job(scheme));
        QVERIFY(QTest::qWaitFor([&] { return m_record.error || m_record.events.contains("finished 1"); }, 120000));
    }
    QByteArray original(const QString &path) const { return readFile(m_model->filePath(path)); }
    void verifyNothingLeft() { QCOMPARE(filesBelow(m_data->path()), QStringList()); }

    void verifyQuantized(const QString &at, const char *marker) {
        const auto checkpoint = engine::Checkpoint::open(at.toStdString());
        QVERIFY2(checkpoint, checkpoint ? "" : checkpoint.error().message.c_str());
        const bool found = std::any_of((*checkpoint)->tensors().begin(), (*checkpoint)->tensors().end(),
                                       [&](const engine::TensorInfo &t) { return t.name.find(marker) != std::string::npos; });
        QVERIFY2(found, marker);
        const QJsonObject config = QJsonDocument::fromJson(readFile(at + "/config.json")).object();
        QCOMPARE(config.value("quantization_config").toObject().value("quant_method").toString(),
                 QStringLiteral("bitsandbytes"));
        QCOMPARE(readFile(at + "/tokenizer.json"), original("tokenizer.json"));
    }

private Q_SLOTS:
    void init() {
        m_data = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<HubEmulator>();
        connectWith(hubSettings(*m_hub));
    }
    void cleanup() {
        m_queue.reset();
        m_inspector.reset();
        m_client.reset();
        QCOMPARE(m_hub->leaks(), 0);
    }

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

    void cancelAnywhere_data() {
        QTest::addColumn<int>("scheme");
        QTest::addColumn<int>("afterMs");
        for (const int ms : {0, 1, 5, 20, 60, 150, 300}) {
            QTest::addRow("Q4 after %d ms", ms) << int(Scheme::NF4) << ms;
            QTest::addRow("FP16 after %d ms", ms) << int(Scheme::Plain) << ms;
        }
    }
    void cancelAnywhere() {
        QFETCH(int, scheme);
        QFETCH(int, afterMs);
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 3});
        const DownloadJob order = job(Scheme(scheme));
        m_hub->setThrottle(20'000'000);
        m_queue->enqueue(order);
        if (afterMs > 0) QTest::qWait(afterMs);
        if (!m_queue->cancel(1)) QSKIP("it was faster");
        QVERIFY(waitFor("cancelled 1"));
        verifyNothingLeft();
        QVERIFY(!m_queue->cancel(1));
        QCOMPARE(m_queue->length(), 0);
        QTest::qWait(20);
        verifyNothingLeft();
        QVERIFY(!m_record.events.contains("finished 1"));
    }

    void cancelAtTheVeryEnd() {
        serve();
        const DownloadJob order = job(Scheme::Plain);
        bool hit = false;
        for (int round = 0; round < 20 && !hit; ++round) {
            m_record = {};
            m_queue->enqueue(order);
            // The folder appears in another thread: the queue does not know of it yet.
            while (!QFileInfo::exists(order.folder)) QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
            hit = m_queue->cancel(1);
            QVERIFY(waitFor(hit ? "cancelled 1" : "finished 1"));
            if (!hit) QVERIFY(QDir(order.folder).removeRecursively());
        }
        if (!hit) QSKIP("it was always faster");
        verifyNothingLeft();
        QCOMPARE(m_record.events, (QStringList{"started 1", "cancelled 1"}));
    }

    void cancelWhileItFails() {
        serve();
        const DownloadJob order = job(Scheme::Plain);
        m_hub->addFault({.spoil = faults::status(410), .path = "tokenizer"});
        bool late = true;
        connect(m_queue.get(), &DownloadQueue::failed, this, [&](qint64 id) { late = m_queue->cancel(id); });
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        QVERIFY(!late);
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
        // At most ten a second, the last one aside.
        QVERIFY(m_record.progress.size() - 1 <= m_record.times.last() / 100 + 1);
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

    void requiredBytes() {
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 4});
        const RepositoryPlan plan = job(Scheme::Plain).plan;
        const qint64 all = plan.downloadBytes();
        const qint64 plain = DownloadQueue::requiredDiskBytes(plan, Scheme::Plain);
        const qint64 four = DownloadQueue::requiredDiskBytes(plan, Scheme::NF4);
        const qint64 eight = DownloadQueue::requiredDiskBytes(plan, Scheme::Int8);
        QVERIFY(plain >= all && plain < all * 11 / 10);
        QVERIFY(four < eight && eight < plain);
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

    void fromHubCache_data() {
        QTest::addColumn<int>("scheme");
        QTest::addColumn<bool>("offline");
        for (const bool offline : {false, true}) {
            QTest::addRow("Q4%s", offline ? ", offline" : "") << int(Scheme::NF4) << offline;
            QTest::addRow("FP16%s", offline ? ", offline" : "") << int(Scheme::Plain) << offline;
        }
    }
    void fromHubCache() {
        QFETCH(int, scheme);
        QFETCH(bool, offline);
        serve({.shards = 2});
        const QString cache = m_data->filePath("hub");
        writeHubCache(cache, tiny, m_model->path());
        const QStringList before = filesBelow(cache);
        Settings settings = hubSettings(*m_hub, {}, cache);
        settings.hubOffline = offline;
        connectWith(settings);
        run(Scheme(scheme));
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        QCOMPARE(m_hub->count("/resolve/"), 0);
        if (Scheme(scheme) == Scheme::Plain) {
            for (const QString &path : filesBelow(m_record.outcome.folder))
                QCOMPARE(readFile(m_record.outcome.folder + '/' + path), original(path));
            struct stat linked{};
            const QString weights = m_record.outcome.folder + "/model-00001-of-00002.safetensors";
            QCOMPARE(::stat(qPrintable(weights), &linked), 0);
            QCOMPARE(int(linked.st_nlink), 2);  // no second copy
        } else {
            verifyQuantized(m_record.outcome.folder, "nf4");
        }
        QDir(m_record.outcome.folder).removeRecursively();
        QCOMPARE(filesBelow(cache), before);
        for (const QString &path : before) QVERIFY(!readFile(cache + '/' + path).isEmpty());
    }

    void damagedHubCache() {
        serve();
        const QString cache = m_data->filePath("hub");
        writeHubCache(cache, tiny, m_model->path());
        for (const QString &path : filesBelow(cache)) {
            if (!path.contains("blobs") || QFileInfo(cache + '/' + path).size() < 100'000) continue;
            QByteArray bytes = readFile(cache + '/' + path);
            bytes[bytes.size() - 5] = char(~bytes[bytes.size() - 5]);
            writeFile(cache + '/' + path, bytes);
        }
        connectWith(hubSettings(*m_hub, {}, cache));
        run(Scheme::Plain);
        QVERIFY2(!m_record.error, m_record.error ? qPrintable(m_record.error->message) : "");
        QCOMPARE(m_hub->count("/resolve/"), 1);  // only the damaged one was fetched
        QCOMPARE(readFile(m_record.outcome.folder + "/model.safetensors"), original("model.safetensors"));
        Settings offline = hubSettings(*m_hub, {}, cache);
        offline.hubOffline = true;
        connectWith(offline);
        run(Scheme::Plain);
        QVERIFY(m_record.error && m_record.error->message.contains("damaged"));
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
        DownloadQueue::removeLeftovers(cacheDir());
        QVERIFY(!QFileInfo::exists(folder(".a--b--Q4.partial")));
        QVERIFY(!QFileInfo::exists(cacheDir() + "/.c.partial"));
        QVERIFY(QFileInfo::exists(folder("a--b--Q4/config.json")));
        QVERIFY(QFileInfo::exists(m_data->filePath("outside/.d.partial/x")));
        DownloadQueue::removeLeftovers(m_data->filePath("not there"));
    }

    void goesAwayUnderWay() {
        serve({.hidden = 256, .intermediate = 512, .layers = 4});
        const DownloadJob order = job(Scheme::NF4);
        m_hub->setThrottle(5'000'000);
        m_queue->enqueue(order);
        QVERIFY(QTest::qWaitFor([&] { return m_record.progress.size() > 1; }, 60000));
        m_queue.reset();
        verifyNothingLeft();
    }
};

QTEST_GUILESS_MAIN(TestDownloadQueue)
#include "test_download_queue.moc"
