// The official clients' cache, read and never changed.
#include "core/hub/hub_cache.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <algorithm>

using namespace millm;
using namespace millm::testing;

namespace {

const QString tiny = QStringLiteral("acme/tiny-llama");

}  // namespace

class TestHubCache : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_model, m_cache;
    QString m_commit;

    QString root() const { return m_cache->filePath("models--acme--tiny-llama"); }
    const HubFile *find(const HubCache::Snapshot &snapshot, const QString &path) const {
        const auto found =
            std::find_if(snapshot.files.begin(), snapshot.files.end(), [&](const HubFile &f) { return f.path == path; });
        return found == snapshot.files.end() ? nullptr : &*found;
    }
    Result<RepositoryPlan> inspectWith(Settings settings) {
        HubClient client(settings);
        client.setTiming(quickTiming());
        RepositoryInspector inspector(client);
        return answer(inspector.inspect(tiny, {}));
    }

private Q_SLOTS:
    void init() {
        m_model = std::make_unique<QTemporaryDir>();
        m_cache = std::make_unique<QTemporaryDir>();
        writeLlama(m_model->path(), {.shards = 2});
        m_commit = QString::fromLatin1(writeHubCache(m_cache->path(), tiny, m_model->path()));
    }

    void snapshots() {
        const HubCache cache(m_cache->path());
        const auto snapshot = cache.snapshot(tiny, "main");
        QVERIFY(snapshot);
        QCOMPARE(snapshot->commit, m_commit);
        QCOMPARE(snapshot->files.size(), filesBelow(m_model->path()).size());
        const HubFile *weights = find(*snapshot, "model-00001-of-00002.safetensors");
        QVERIFY(weights && weights->sha256.size() == 32);
        const HubFile *config = find(*snapshot, "config.json");
        QVERIFY(config && config->gitSha1.size() == 20);
        QCOMPARE(readFile(cache.find(tiny, m_commit, *config)), readFile(m_model->filePath("config.json")));
        QVERIFY(cache.snapshot("ACME/Tiny-Llama", "main"));
        QCOMPARE(cache.snapshot("ACME/Tiny-Llama", "main")->repoId, tiny);
        QVERIFY(cache.snapshot(tiny, m_commit));
        QVERIFY(!cache.snapshot(tiny, "dev"));
        QVERIFY(!cache.snapshot("acme/other", "main"));
        QVERIFY(!HubCache({}).snapshot(tiny, "main"));
    }

    void namedPipes() {
        const HubCache cache(m_cache->path());
        // Opening one would wait for its other end, for ever.
        for (const QString &name : {root() + "/refs/main", root() + "/snapshots/" + m_commit + "/config.json"}) {
            QVERIFY(QFile::remove(name));
            QCOMPARE(::mkfifo(QFile::encodeName(name).constData(), 0600), 0);
        }
        QVERIFY(!cache.snapshot(tiny, "main"));
        const auto snapshot = cache.snapshot(tiny, m_commit);
        QVERIFY(snapshot);
        QVERIFY(!find(*snapshot, "config.json"));
        HubFile config;
        config.path = "config.json";
        QVERIFY(cache.find(tiny, m_commit, config).isEmpty());
    }

    void oddSnapshots() {
        const HubCache cache(m_cache->path());
        writeFile(root() + "/refs/main", "not-a-commit\n");
        QVERIFY(!cache.snapshot(tiny, "main"));
        writeFile(root() + "/refs/main", m_commit.toLatin1() + '\n');
        QVERIFY(cache.snapshot(tiny, "main"));
        writeFile(root() + "/refs/main", QByteArray(40, '0'));
        QVERIFY(!cache.snapshot(tiny, "main"));
    }

    void linksThatLeadOut() {
        const QString secret = m_model->filePath("secret.txt");
        writeFile(secret, "secret");
        const QString link = root() + "/snapshots/" + m_commit + "/generation_config.json";
        QFile::remove(link);
        QVERIFY(QFile::link(secret, link));
        const auto snapshot = HubCache(m_cache->path()).snapshot(tiny, "main");
        QVERIFY(snapshot);
        QVERIFY(!find(*snapshot, "generation_config.json"));
    }

    void withoutLinks() {
        // Where the system has no symbolic links, the files themselves lie in the snapshot.
        const QString path = root() + "/snapshots/" + m_commit + "/config.json";
        const QByteArray config = readFile(path);
        QFile::remove(path);
        writeFile(path, config);
        const HubCache cache(m_cache->path());
        const auto snapshot = cache.snapshot(tiny, "main");
        const HubFile *file = find(*snapshot, "config.json");
        QVERIFY(file && file->gitSha1.isEmpty() && file->sha256.isEmpty());
        QCOMPARE(readFile(cache.find(tiny, m_commit, *file)), config);
        HubFile other = *file;
        ++other.size;
        QVERIFY(cache.find(tiny, m_commit, other).isEmpty());
    }

    void inspectsOffline() {
        Settings settings;
        settings.hfEndpoint = QUrl("http://127.0.0.1:9");
        settings.hubOffline = true;
        settings.hfHubCache = m_cache->path();
        const auto plan = inspectWith(settings);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->commit, m_commit);
        QVERIFY2(plan->decoder, qPrintable(plan->unsupportedReason));
        QCOMPARE(plan->weights.size(), 2);
        QCOMPARE(plan->tensors.size(), 21);
        settings.hfHubCache.clear();
        const auto none = inspectWith(settings);
        QVERIFY(!none);
        QVERIFY(none.error().message.contains("HF_HUB_OFFLINE"));
    }

    void incompleteOffline() {
        QFile::remove(root() + "/snapshots/" + m_commit + "/model-00002-of-00002.safetensors");
        Settings settings;
        settings.hubOffline = true;
        settings.hfHubCache = m_cache->path();
        QVERIFY(!inspectWith(settings));
    }

    void inspectsWithoutNetwork() {
        Settings settings;
        settings.hfEndpoint = QUrl("http://127.0.0.1:9");  // nobody listens there
        settings.hfHubCache = m_cache->path();
        const auto plan = inspectWith(settings);
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->commit, m_commit);
    }

    void inspectsWhileTheHubRests() {
        Settings settings;
        settings.hfEndpoint = QUrl("http://127.0.0.1:9");
        settings.hfHubCache = m_cache->path();
        HubClient client(settings);
        HubTiming timing = quickTiming();
        timing.breakerFailures = 1;
        timing.breakerRest = std::chrono::minutes(10);
        client.setTiming(timing);
        RepositoryInspector inspector(client);
        QVERIFY(!answer(inspector.inspect("acme/not-here", {})));  // from now on nobody is asked
        const auto plan = answer(inspector.inspect(tiny, {}));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->commit, m_commit);
    }

    void savesRequests() {
        HubEmulator hub;
        hub.addRepository(tiny, m_model->path());
        const auto plan = inspectWith(hubSettings(hub, {}, m_cache->path()));
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->tensors.size(), 21);
        QCOMPARE(hub.count("/resolve/"), 0);  // only info and tree
    }

    void neverChanges() {
        const QStringList before = filesBelow(m_cache->path());
        inspectsOffline();
        QCOMPARE(filesBelow(m_cache->path()), before);
    }
};

QTEST_GUILESS_MAIN(TestHubCache)
#include "test_hub_cache.moc"
