#include "core/base/errors.h"
#include "core/inference/memory_guard.h"
#include "tests/core/inference/inference_rig.h"

#include <QElapsedTimer>
#include <QSignalSpy>

#include <atomic>

namespace millm {

using testing::answer;
using testing::fixtures;
using testing::greedy;
using testing::listen;

class LoadsTest : public testing::InferenceTest {
    Q_OBJECT
private Q_SLOTS:
    void tellsTheEngineAndTheMemory();
    void loadTellsProgressAndTheModel();
    void othersSettingsFromTheNextLoad();
    void quantizesWhileLoading();
    void brokenFoldersAreErrors();
    void memoryThatRunsShortEndsALoad();
    void aLoadCanBeCancelled();
    void oneModelAtATime();
};

void LoadsTest::tellsTheEngineAndTheMemory() {
    const auto memory = answer(m_service->deviceMemory());
    QCOMPARE(memory.device, QStringLiteral("cpu"));
    QVERIFY(!memory.gpu);
    QVERIFY(memory.freeBytes > 0 && memory.freeBytes <= memory.totalBytes);
    const auto description = answer(m_service->engineDescription());
    QVERIFY2(description.contains(QStringLiteral("libtorch")), qPrintable(description));
}

void LoadsTest::loadTellsProgressAndTheModel() {
    QSignalSpy progressed(m_service.get(), &InferenceService::loadProgressed);
    QSignalSpy changed(m_service.get(), &InferenceService::loadedChanged);
    QElapsedTimer clock;
    clock.start();
    load(m_sample);
    QVERIFY(!progressed.isEmpty());
    QVERIFY2(progressed.size() <= clock.elapsed() / 100 + 8, qPrintable(QString::number(progressed.size())));
    QCOMPARE(progressed.last().first().value<LoadProgress>().modelId, 7);
    QCOMPARE(progressed.last().first().value<LoadProgress>().progress, 100.0);
    QCOMPARE(changed.size(), 1);
    const auto loaded = m_service->loaded();
    QCOMPARE(loaded->modelId, 7);
    QCOMPARE(loaded->name, QStringLiteral("test"));
    QCOMPARE(loaded->architecture, QStringLiteral("LlamaForCausalLM"));
    QCOMPARE(loaded->device, QStringLiteral("cpu"));
    QCOMPARE(loaded->computeType, QStringLiteral("float32"));
    QVERIFY(loaded->hasChatTemplate);
    QVERIFY(loaded->contextLength > 0);
    QVERIFY(loaded->memory.weightBytes >= loaded->weightBytes && loaded->weightBytes > 1'000'000);
    QVERIFY(loaded->memory.kvCacheBytes > 0 && loaded->memory.contextLength == loaded->contextLength);
    QVERIFY(loaded->loadedAt.isValid());
}

void LoadsTest::othersSettingsFromTheNextLoad() {
    load(m_sample);
    const auto before = *m_service->loaded();
    Settings settings;
    settings.dtype = QStringLiteral("bfloat16");
    settings.kvCacheMb = 16;
    settings.threads = 1;
    m_service->reconfigure(settings);
    QCOMPARE(m_service->loaded()->computeType, before.computeType);
    QVERIFY(testing::wait(m_service->unload(0)));
    load(m_sample);
    QCOMPARE(m_service->loaded()->computeType, QStringLiteral("bfloat16"));
    QVERIFY(m_service->loaded()->kvCacheBytes <= 16 << 20 && m_service->loaded()->kvCacheBytes > 8 << 20);
    m_service = make();  // as the other tests have it
}

void LoadsTest::quantizesWhileLoading() {
    load(m_sample);
    const auto full = m_service->loaded()->weightBytes;
    QVERIFY(testing::wait(m_service->unload(0)));
    const auto loaded = answer(m_service->load(folder(m_sample), {.quantize = engine::Scheme::NF4}), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QVERIFY2(loaded->weightBytes < full * 3 / 4, qPrintable(QStringLiteral("%1 of %2").arg(loaded->weightBytes).arg(full)));
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 4), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QVERIFY(heard->summary && !heard->ids.isEmpty());
}

void LoadsTest::brokenFoldersAreErrors() {
    const auto missing = answer(m_service->load(folder(QStringLiteral("/nowhere/at/all")), {}));
    QCOMPARE(missing.error().code, ErrorCode::ModelLoadFailed);
    QCOMPARE(missing.error().details.value(QStringLiteral("model_id")).toInteger(), 7);
    QVERIFY(!m_service->loaded());
    load(fixtures + QStringLiteral("llama"));  // goes on after it
}

void LoadsTest::memoryThatRunsShortEndsALoad() {
    // A machine of 2 GiB that has less and less free, as others take it while the model is read.
    std::atomic<qint64> free = 0, eachTime = 0;
    Settings settings;
    settings.device = QStringLiteral("cpu");
    settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
    m_service = std::make_unique<InferenceService>(settings, nullptr, [&] {
        free -= eachTime;
        return machine::Memory{qint64(2) << 30, free};
    });
    for (const qint64 step : {qint64(0), qint64(1) << 20}) {
        free = step == 0 ? MemoryGuard::reserve(qint64(2) << 30) : (qint64(60) << 20);
        eachTime = step;
        const auto failed = answer(m_service->load(folder(m_sample), {}), 300000);
        QCOMPARE(failed.error().code, ErrorCode::ModelLoadFailed);
        QCOMPARE(failed.error().message, errors::outOfMemory(7).message);
        QVERIFY(!m_service->loaded());
        QCOMPARE(m_service->memoryUse(), MemoryUse());
    }
    // The state is clean: with memory it loads.
    eachTime = 0;
    free = qint64(1) << 30;
    load(m_sample);
    m_service = make();
}

void LoadsTest::aLoadCanBeCancelled() {
    auto future = m_service->load(folder(m_sample), {});
    m_service->cancelLoad();
    const auto result = answer(future, 120000);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Cancelled);
    QVERIFY(!m_service->loaded());
}

void LoadsTest::oneModelAtATime() {
    auto first = m_service->load(folder(fixtures + QStringLiteral("llama")), {});
    QCOMPARE(answer(m_service->load(folder(m_sample), {})).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(first, 120000).ok());
    QCOMPARE(answer(m_service->load(folder(m_sample), {})).error().code, ErrorCode::ModelBusy);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::LoadsTest)
#include "loads_test.moc"
