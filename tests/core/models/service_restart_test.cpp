#include "tests/core/models/service_test_case.h"

#include <QDir>
#include <QTest>

namespace millm {

using namespace testing;
using engine::Scheme;

/// What a start finds of the run before, and what an end leaves.
class ServiceRestartTest : public ServiceTestCase {
    Q_OBJECT
private Q_SLOTS:
    void restartMendsWhatAnEarlierRunLeft();
    void keepsFinishedDownloadsWithoutARecord();
    void lostFilesAreFound();
    void autoLoad();
    void autoLoadOfAnUnknownNameStillStarts();
    void shutDownEndsEverything();
};

void ServiceRestartTest::restartMendsWhatAnEarlierRunLeft() {
    const auto ready = m_rig->downloaded(llama);
    const auto loaded = m_rig->downloaded(chat);
    m_rig->loaded(loaded.id);
    slowDown();
    const auto cut = *answer(service().download(request(big)));
    const auto waiting = *answer(service().download(request(big, Scheme::Int8)));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(cut.id), ModelState::Downloading, 60000);
    // As a crash leaves them: partial files beside the finished folders.
    const QString partial = m_rig->cacheDir() + QStringLiteral("/huggingface/.tiny--sample--FP16.partial");
    m_rig->kill();
    QDir().mkpath(partial);
    m_rig->start();
    QCOMPARE(m_rig->state(ready.id), ModelState::Ready);
    QCOMPARE(m_rig->state(loaded.id), ModelState::Ready);
    for (const auto id : {cut.id, waiting.id}) {
        QCOMPARE(m_rig->state(id), ModelState::DownloadFailed);
        QCOMPARE(service().model(id)->errorMessage, QStringLiteral("Download interrupted"));
    }
    QCOMPARE(m_rig->downloads(), (QStringList{QStringLiteral("tiny--chat--FP16"), QStringLiteral("tiny--llama--FP16")}));
}

void ServiceRestartTest::keepsFinishedDownloadsWithoutARecord() {
    const auto model = m_rig->downloaded(llama, Scheme::NF4);
    m_rig->stop();
    m_rig->settings.databaseUrl = m_databases.url();  // another database, the same cache
    m_rig->settings.autoLoadModel = model.name;
    m_rig->start();
    QCOMPARE(service().models().size(), 1);
    const auto found = service().models().first();
    QCOMPARE(found.repoId, llama);
    QCOMPARE(found.quantization, Scheme::NF4);
    QCOMPARE(found.diskSizeMb, model.diskSizeMb);
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(found.id), ModelState::Loaded, 300000);
}

void ServiceRestartTest::lostFilesAreFound() {
    const auto model = m_rig->downloaded(llama);
    m_rig->stop();
    QVERIFY(QDir(model.cachePath).removeRecursively());
    m_rig->start();
    QCOMPARE(m_rig->state(model.id), ModelState::DownloadFailed);
    QVERIFY(answer(service().retry(model.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Ready, 120000);
}

void ServiceRestartTest::autoLoad() {
    const auto model = m_rig->downloaded(chat);
    m_rig->stop();
    m_rig->settings.autoLoadModel = model.name;
    m_rig->start();
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Loaded, 300000);
}

void ServiceRestartTest::autoLoadOfAnUnknownNameStillStarts() {
    m_rig->stop();
    m_rig->settings.autoLoadModel = QStringLiteral("nobody");
    QTest::ignoreMessage(QtCriticalMsg, "AUTO_LOAD_MODEL: there is no model called 'nobody'");
    m_rig->start();
    QVERIFY(service().models().isEmpty());
}

void ServiceRestartTest::shutDownEndsEverything() {
    const auto model = m_rig->downloaded(chat);
    m_rig->loaded(model.id);
    slowDown();
    const auto cut = *answer(service().download(request(big)));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(cut.id), ModelState::Downloading, 60000);
    GenerationRequest pending;
    pending.input = TextInput{QStringLiteral("The")};
    pending.stop.ignore_eos = true;
    m_rig->inference().submit(pending, this);
    QVERIFY(wait(service().shutDown()));
    QCOMPARE(answer(service().download(request(llama))).error().code, ErrorCode::ShuttingDown);
    QCOMPARE(answer(service().load(model.id, {.force = true})).error().code, ErrorCode::ShuttingDown);
    QCOMPARE(m_rig->state(model.id), ModelState::Ready);
    QCOMPARE(m_rig->state(cut.id), ModelState::DownloadFailed);
    QCOMPARE(m_rig->downloads(), QStringList{QStringLiteral("tiny--chat--FP16")});
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceRestartTest)
#include "service_restart_test.moc"
