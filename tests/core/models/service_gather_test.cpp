#include "tests/core/models/service_test_case.h"
#include "tests/support/small_disk.h"

#include <QDirIterator>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

using namespace testing;

/// Models that lie in another folder come into the present one, and nothing is lost on the way.
class ServiceGatherTest : public ServiceTestCase {
    Q_OBJECT

    static QMap<QString, QByteArray> contentOf(const QString &folder) {
        QMap<QString, QByteArray> content;
        QDirIterator entries(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (entries.hasNext()) {
            QFile file(entries.next());
            if (file.open(QIODevice::ReadOnly)) content.insert(QDir(folder).relativeFilePath(file.fileName()), file.readAll());
        }
        return content;
    }
    static QStringList entriesOf(const QString &folder) {
        return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot, QDir::Name);
    }

private Q_SLOTS:
    void onTheSameDisk();
    void toAnotherDisk();
    void cancelledLosesNothing();
    void noRoomLosesNothing();
    void onlyWhileModelsRest();
    void whatIsThereAlreadyStays();
};

void ServiceGatherTest::onTheSameDisk() {
    const QTemporaryDir place;
    const auto one = m_rig->downloaded(llama);
    const auto own = answer(service().addLocal({.path = sample}));
    QVERIFY2(own.ok(), own ? "" : qPrintable(own.error().message));
    const auto before = contentOf(one.cachePath);
    QCOMPARE(answer(service().elsewhere()).models, 0);
    QVERIFY(answer(service().setCacheDir(place.path())).ok());
    const Elsewhere found = answer(service().elsewhere());
    QCOMPARE(found.models, 2);
    QVERIFY(found.bytes > 0);

    QSignalSpy updated(&service(), &ModelService::modelUpdated);
    const auto moved = answer(service().gather());
    QVERIFY2(moved.ok(), moved ? "" : qPrintable(moved.error().message));
    QCOMPARE(*moved, 2);
    QCOMPARE(updated.size(), 2);
    const QString now = service().model(one.id)->cachePath;
    QVERIFY2(now.startsWith(place.path() + u'/'), qPrintable(now));
    QCOMPARE(contentOf(now), before);
    QVERIFY(!QFile::exists(one.cachePath));
    QVERIFY(QFileInfo(service().model(own->id)->cachePath).isSymLink());
    QVERIFY(service().model(own->id)->cachePath.startsWith(place.path() + u'/'));
    QVERIFY(!QFileInfo(own->cachePath).isSymLink());
    QVERIFY(QFile::exists(sample + QStringLiteral("/config.json")));
    QCOMPARE(answer(service().elsewhere()).models, 0);
    QCOMPARE(*answer(service().gather()), 0);
    // The database has it.
    m_rig->stop();
    m_rig->settings.modelCacheDir = place.path();
    m_rig->start();
    QCOMPARE(service().model(one.id)->cachePath, now);
    QCOMPARE(m_rig->state(one.id), ModelState::Ready);
}

void ServiceGatherTest::toAnotherDisk() {
    const SmallDisk disk("64m");
    if (!disk.isValid()) QSKIP("a second disk is needed: mounting a tmpfs takes CAP_SYS_ADMIN, which this user does not have");
    const auto one = m_rig->downloaded(big);
    const auto before = contentOf(one.cachePath);
    QVERIFY(answer(service().setCacheDir(disk.path())).ok());
    QSignalSpy told(&service(), &ModelService::gathering);
    const auto moved = answer(service().gather());
    QVERIFY2(moved.ok(), moved ? "" : qPrintable(moved.error().message));
    const QString now = service().model(one.id)->cachePath;
    QVERIFY(now.startsWith(disk.path() + u'/'));
    QCOMPARE(contentOf(now), before);
    QVERIFY(!QFile::exists(one.cachePath));
    QVERIFY(!told.isEmpty());
    QCOMPARE(told.last()[0].toLongLong(), told.last()[1].toLongLong());
    QCOMPARE(m_rig->loaded(one.id).state, ModelState::Loaded);
}

void ServiceGatherTest::cancelledLosesNothing() {
    const SmallDisk disk("64m");
    if (!disk.isValid()) QSKIP("a second disk is needed: mounting a tmpfs takes CAP_SYS_ADMIN, which this user does not have");
    const auto one = m_rig->downloaded(llama), two = m_rig->downloaded(big);
    const auto first = contentOf(one.cachePath), second = contentOf(two.cachePath);
    QVERIFY(answer(service().setCacheDir(disk.path())).ok());
    auto moving = service().gather();
    service().stopGathering();
    const auto stopped = answer(moving);
    QVERIFY(!stopped.ok());
    QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    QCOMPARE(service().model(one.id)->cachePath, one.cachePath);
    QCOMPARE(contentOf(one.cachePath), first);
    QCOMPARE(contentOf(two.cachePath), second);
    QCOMPARE(entriesOf(disk.path() + QStringLiteral("/huggingface")), QStringList());
    QCOMPARE(*answer(service().gather()), 2);
}

void ServiceGatherTest::noRoomLosesNothing() {
    SmallDisk disk("64m");
    if (!disk.isValid()) QSKIP("a second disk is needed: mounting a tmpfs takes CAP_SYS_ADMIN, which this user does not have");
    const auto one = m_rig->downloaded(big);
    const auto before = contentOf(one.cachePath);
    QVERIFY(answer(service().setCacheDir(disk.path())).ok());
    disk.fill();
    const auto refused = answer(service().gather());
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::InsufficientDisk);
    QCOMPARE(contentOf(one.cachePath), before);
    QCOMPARE(service().model(one.id)->cachePath, one.cachePath);
    disk.makeRoom();
    QCOMPARE(*answer(service().gather()), 1);
}

void ServiceGatherTest::onlyWhileModelsRest() {
    const QTemporaryDir place;
    const auto one = m_rig->downloaded(llama);
    (void)m_rig->loaded(one.id);
    QVERIFY(answer(service().setCacheDir(place.path())).ok());
    const auto refused = answer(service().gather());
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(service().unload(one.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(one.id), ModelState::Ready, 60000);
    // And while it moves nothing else changes models.
    auto moving = service().gather();
    QCOMPARE(answer(service().load(one.id, {.force = true})).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(moving).ok());
    QCOMPARE(m_rig->loaded(one.id).state, ModelState::Loaded);
}

void ServiceGatherTest::whatIsThereAlreadyStays() {
    const QTemporaryDir place;
    const auto one = m_rig->downloaded(llama);
    QVERIFY(answer(service().setCacheDir(place.path())).ok());
    const QString there = place.filePath(QStringLiteral("huggingface/") + QFileInfo(one.cachePath).fileName());
    QVERIFY(QDir().mkpath(there));
    QFile mine(there + QStringLiteral("/mine"));
    QVERIFY(mine.open(QIODevice::WriteOnly));
    mine.close();
    const auto refused = answer(service().gather());
    QVERIFY(!refused.ok());
    QVERIFY2(refused.error().message.contains(there), qPrintable(refused.error().message));
    QVERIFY(QFile::exists(mine.fileName()));
    QVERIFY(QFile::exists(one.cachePath + QStringLiteral("/config.json")));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceGatherTest)
#include "service_gather_test.moc"
