#include "tests/core/inference/inference_rig.h"
#include "tests/support/patience.h"

#include <QPointer>
#include <QSignalSpy>

namespace millm {

using testing::answer;
using testing::endless;
using testing::greedy;
using testing::Heard;
using testing::listen;

class EndingsTest : public testing::InferenceTest {
    Q_OBJECT
private Q_SLOTS:
    void cancelStopsWithinOneToken();
    void deletingCancels();
    void everyHandleEndsOnceAndDeletesItself();
    void unloadWaitsForPendingRequests();
    void unloadWaitsForReservedPlaces();
    void unloadCutsAfterItsGrace();
    void queueHasAnEnd();
    void givesUpWaitingTexts();
    void endsWithWorkInFlight();
};

void EndingsTest::cancelStopsWithinOneToken() {
    load(m_sample);
    auto *generation = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto heard = listen(generation);
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 3, 120000);
    // What the engine had made before it learns of the cancel is on its way; after it at most the step under way.
    generation->cancel();
    generation->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QCOMPARE(heard->summary->reason, engine::FinishReason::Cancelled);
    QCOMPARE(heard->summary->completionTokens, heard->ids.size());
    const auto before = heard->ids.size();
    QTest::qWait(100);
    QCOMPARE(heard->ids.size(), before);
    // Also while it waits for its turn.
    auto *early = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto earlyHeard = listen(early);
    early->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(earlyHeard->ends, 1, 120000);
    QCOMPARE(earlyHeard->summary->reason, engine::FinishReason::Cancelled);
    // How many steps were made before the engine heard of it, a loaded machine decides; behind its end comes nothing.
    QCOMPARE(earlyHeard->summary->completionTokens, earlyHeard->ids.size());
}

void EndingsTest::deletingCancels() {
    load(m_sample);
    auto *generation = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto heard = listen(generation);
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    delete generation;
    QTRY_COMPARE_WITH_TIMEOUT(m_service->pendingRequests(), 0, 120000);
    QCOMPARE(heard->ends, 0);
}

void EndingsTest::everyHandleEndsOnceAndDeletesItself() {
    load(m_sample);
    QList<QPointer<Generation>> handles;
    QList<std::shared_ptr<Heard>> heard;
    for (int i = 0; i < 20; ++i) {
        handles << m_service->submit(greedy(TextInput{QStringLiteral("The")}, i % 5 + 1), &m_parent);
        heard << listen(handles.last());
        if (i % 3 == 0) handles.last()->cancel();
    }
    for (qsizetype i = 0; i < handles.size(); ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(handles[i].isNull(), 240000);
        QCOMPARE(heard[i]->ends, 1);
    }
    QVERIFY(m_parent.children().isEmpty());
}

void EndingsTest::unloadWaitsForPendingRequests() {
    load(m_sample);
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 20), &m_parent));
    QSignalSpy progress(m_service.get(), &InferenceService::unloadProgressed);
    auto unloaded = m_service->unload(600);
    QVERIFY(!m_service->accepting());
    QVERIFY(m_service->loaded());
    QCOMPARE(progress.first().at(1).toInt(), 1);
    auto refused = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 1), &m_parent));
    QVERIFY(testing::wait(unloaded, 240000));
    QVERIFY(heard->summary);
    QVERIFY(heard->summary->reason != engine::FinishReason::Cancelled);
    QCOMPARE(refused->error->code, ErrorCode::ModelBusy);
    QVERIFY(!m_service->loaded());
    QVERIFY(m_service->accepting());
    QCOMPARE(progress.last().at(1).toInt(), 0);
}

void EndingsTest::unloadWaitsForReservedPlaces() {
    load(m_sample);
    QCOMPARE(m_service->reserve(257).error().code, ErrorCode::QueueFull);
    auto places = m_service->reserve(2);
    QVERIFY(places.ok());
    QCOMPARE(m_service->reserve(255).error().code, ErrorCode::QueueFull);
    auto first = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 2), &m_parent, *places));
    auto unloaded = m_service->unload(600);
    QTRY_COMPARE_WITH_TIMEOUT(first->ends, 1, 120000);
    // One that belongs to those that were let in before.
    auto second = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 2), &m_parent, *places));
    QCOMPARE(m_service->reserve(1).error().code, ErrorCode::ModelBusy);
    QTRY_COMPARE_WITH_TIMEOUT(second->ends, 1, 120000);
    QVERIFY(second->summary);
    QVERIFY(!unloaded.isFinished());
    *places = {};
    QVERIFY(testing::wait(unloaded, 120000));
    QCOMPARE(m_service->reserve(1).error().code, ErrorCode::ModelNotLoaded);
}

void EndingsTest::unloadCutsAfterItsGrace() {
    load(m_sample);
    auto heard = listen(m_service->submit(endless(QStringLiteral("The")), &m_parent));
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    auto patient = m_service->unload(3600);
    auto hasty = m_service->unload(0);  // a shorter grace wins
    QVERIFY(testing::wait(patient, 120000));
    QVERIFY(testing::wait(hasty));
    QCOMPARE(heard->ends, 1);
    QCOMPARE(heard->summary->reason, engine::FinishReason::Cancelled);
}

void EndingsTest::queueHasAnEnd() {
    load(m_sample);
    QList<std::shared_ptr<Heard>> heard;
    QList<QPointer<Generation>> handles;
    for (int i = 0; i < 257; ++i) {
        handles << m_service->submit(endless(QStringLiteral("The")), &m_parent);
        heard << listen(handles.last());
    }
    QTRY_COMPARE_WITH_TIMEOUT(heard.last()->ends, 1, 60000);
    QCOMPARE(heard.last()->error->code, ErrorCode::QueueFull);
    for (const auto &handle : handles)
        if (handle) handle->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(m_service->pendingRequests(), 0, 240000);
    for (qsizetype i = 0; i + 1 < heard.size(); ++i) QVERIFY(heard[i]->summary);
}

void EndingsTest::givesUpWaitingTexts() {
    auto service = make();
    QVERIFY(answer(service->load(folder(m_sample), {}), 300000).ok());
    const QString text = QString(QStringLiteral("The quick brown fox jumps over the lazy dog. ")).repeated(20000);
    QList<QFuture<Result<QList<qint32>>>> wanted;
    for (int i = 0; i < 20; ++i) wanted << service->tokenize(TextInput{text});
    service->giveUpTexts();
    QCOMPARE(answer(wanted.last(), 240000).error().code, ErrorCode::ShuttingDown);
}

void EndingsTest::endsWithWorkInFlight() {
    // Its own service: taken down while it generates. The handle still hears its end.
    auto service = make();
    QVERIFY(answer(service->load(folder(m_sample), {}), 300000).ok());
    auto heard = listen(service->submit(endless(QStringLiteral("The")), &m_parent));
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    service.reset();
    QTRY_COMPARE(heard->ends, 1);
    QCOMPARE(heard->error->code, ErrorCode::ShuttingDown);
    auto loading = make();
    auto future = loading->load(folder(m_sample), {});
    loading.reset();
    QTRY_VERIFY(future.isFinished());
    QVERIFY(future.isCanceled());
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::EndingsTest)
#include "endings_test.moc"
