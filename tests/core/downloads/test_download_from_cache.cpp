// Files that lie in the official clients' cache already.
#include "tests/core/downloads/queue_rig.h"

#include <QDir>

#include <sys/stat.h>

using namespace millm;
using namespace millm::testing;
using engine::Scheme;

class TestDownloadFromCache : public QueueRig {
    Q_OBJECT
private Q_SLOTS:
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
};

QTEST_GUILESS_MAIN(TestDownloadFromCache)
#include "test_download_from_cache.moc"
