#include "tests/core/models/service_test_case.h"

#include "tests/support/hub_fixture.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

using namespace testing;
using engine::Scheme;

/// Loading, switching and unloading, with the real engine.
class ServiceLoadTest : public ServiceTestCase {
    Q_OBJECT
private Q_SLOTS:
    void loadsAndUnloads();
    void loadRules();
    void switchUnloadsThePrevious();
    void memoryIsChecked();
    void aBrokenModelFailsToLoad();
    void unloadTellsWhatItWaitsFor();
};

void ServiceLoadTest::loadsAndUnloads() {
    const auto model = m_rig->downloaded(big);
    QSignalSpy progressed(&service(), &ModelService::loadProgressed), completed(&service(), &ModelService::loadCompleted),
        unloaded(&service(), &ModelService::unloadCompleted);
    const auto begun = answer(service().load(model.id, false));
    QVERIFY2(begun.ok(), begun ? "" : qPrintable(begun.error().message));
    QCOMPARE(begun->state, ModelState::Loading);
    const auto loaded = answer(service().loadFinished(model.id), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->state, ModelState::Loaded);
    QCOMPARE(loaded->device, QStringLiteral("cpu"));
    QVERIFY(loaded->loadedAt.isValid());
    QVERIFY(loaded->memoryUsedMb >= 1);
    QCOMPARE(completed.size(), 1);
    QVERIFY(!progressed.isEmpty());
    QCOMPARE(service().loadedId(), std::optional(model.id));
    QCOMPARE(m_rig->inference().loaded()->name, model.name);
    QCOMPARE(answer(service().loadFinished(model.id))->state, ModelState::Loaded);

    QCOMPARE(answer(service().unload(model.id))->state, ModelState::Ready);
    QCOMPARE(unloaded.size(), 1);
    QVERIFY(!service().loadedId());
    QVERIFY(!m_rig->inference().loaded());
    QVERIFY(!service().model(model.id)->loadedAt.isValid());
}

void ServiceLoadTest::loadRules() {
    const auto one = m_rig->downloaded(big);
    const auto two = m_rig->downloaded(llama);
    QCOMPARE(answer(service().load(999, false)).error().code, ErrorCode::ModelNotFound);
    QCOMPARE(answer(service().unload(one.id)).error().code, ErrorCode::ModelNotLoaded);
    auto first = service().load(one.id, false);
    // While it is checked already, and then while it loads.
    QCOMPARE(answer(service().load(two.id, false)).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(first).ok());
    if (m_rig->state(one.id) == ModelState::Loading) {
        QCOMPARE(answer(service().load(one.id, false)).error().code, ErrorCode::ModelBusy);
        QCOMPARE(answer(service().remove(one.id)).error().code, ErrorCode::ModelBusy);
    }
    QVERIFY(answer(service().loadFinished(one.id), 300000).ok());
    QCOMPARE(answer(service().load(one.id, false)).error().code, ErrorCode::ModelAlreadyLoaded);
    QCOMPARE(answer(service().remove(one.id)).error().code, ErrorCode::ModelBusy);
    QCOMPARE(answer(service().cancel(one.id)).error().code, ErrorCode::ModelNotDownloading);
    QVERIFY(answer(service().unload(one.id)).ok());
    QCOMPARE(answer(service().unload(one.id)).error().code, ErrorCode::ModelNotLoaded);
}

void ServiceLoadTest::switchUnloadsThePrevious() {
    const auto one = m_rig->downloaded(big);
    const auto two = m_rig->downloaded(chat);
    m_rig->loaded(one.id);
    GenerationRequest pending;
    pending.input = TextInput{QStringLiteral("The")};
    pending.sampling.temperature = 0;
    pending.stop.max_new_tokens = 10;
    auto *generation = m_rig->inference().submit(pending, this);
    QSignalSpy finished(generation, &Generation::finished);
    QList<LoadProgress> stages;
    connect(&service(), &ModelService::loadProgressed, this, [&](const LoadProgress &progress) { stages << progress; });
    QSignalSpy unloaded(&service(), &ModelService::unloadCompleted);
    // Without the memory check, which would give the request time to end before the switch begins.
    QVERIFY(answer(service().load(two.id, true)).ok());
    QVERIFY(answer(service().loadFinished(two.id), 300000).ok());
    QCOMPARE(finished.size(), 1);  // gracefully: the request came to its end
    QVERIFY(finished.first().first().value<GenerationSummary>().reason != engine::FinishReason::Cancelled);
    QCOMPARE(unloaded.size(), 1);
    QCOMPARE(m_rig->state(one.id), ModelState::Ready);
    QCOMPARE(service().loadedId(), std::optional(two.id));
    QCOMPARE(stages.first().stage, LoadStage::UnloadingPrevious);
    QCOMPARE(stages.first().modelId, two.id);
    QCOMPARE(stages.first().pendingRequests, 1);
    QVERIFY(stages.last().stage != LoadStage::UnloadingPrevious);
}

void ServiceLoadTest::memoryIsChecked() {
    const auto model = m_rig->downloaded(big);
    const auto check = answer(service().checkMemory(model.id));
    QVERIFY2(check.ok(), check ? "" : qPrintable(check.error().message));
    QVERIFY(check->fits);
    QVERIFY(!check->gpu);
    QVERIFY(check->availableBytes > 0 && check->availableBytes <= check->totalBytes);
    QCOMPARE((check->need.memoryBytes + (1 << 20) - 1) >> 20, model.estimatedMemoryMb);
    QCOMPARE(answer(service().checkMemory(999)).error().code, ErrorCode::ModelNotFound);

    // A model that asks for more than the machine has: 4 TiB of weights, which are a hole in a file. What the test loads of it
    // ends at its tokenizer, which is none.
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("huge"));
    writeLlama(folder, {.hidden = 16384, .intermediate = 1 << 20, .layers = 20, .sparse = true});
    LocalRequest local;
    local.path = folder;
    local.quantization = Scheme::Plain;
    const auto huge = answer(service().addLocal(local));
    QVERIFY2(huge.ok(), huge ? "" : qPrintable(huge.error().message));
    const auto tooBig = answer(service().load(huge->id, false));
    QCOMPARE(tooBig.error().code, ErrorCode::InsufficientMemory);
    QVERIFY(tooBig.error().message.startsWith(QStringLiteral("Warning: Model requires ~")));
    QCOMPARE(tooBig.error().details.value(QStringLiteral("model_id")).toInteger(), huge->id);
    QVERIFY(tooBig.error().details.value(QStringLiteral("required_memory")).toInteger() >
            tooBig.error().details.value(QStringLiteral("available_memory")).toInteger());
    QCOMPARE(m_rig->state(huge->id), ModelState::Ready);
    QCOMPARE(answer(service().load(huge->id, true))->state, ModelState::Loading);  // who insists may try
    QVERIFY(!answer(service().loadFinished(huge->id), 300000));
    QCOMPARE(m_rig->state(huge->id), ModelState::LoadFailed);
}

void ServiceLoadTest::aBrokenModelFailsToLoad() {
    const auto model = m_rig->downloaded(llama);
    QFile weights(model.cachePath + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.open(QIODevice::ReadWrite));
    QVERIFY(weights.resize(weights.size() / 2));
    weights.close();
    QSignalSpy failed(&service(), &ModelService::loadFailed);
    const auto begun = answer(service().load(model.id, true));
    QCOMPARE(begun->state, ModelState::Loading);
    const auto ended = answer(service().loadFinished(model.id), 300000);
    QCOMPARE(ended.error().code, ErrorCode::ModelLoadFailed);
    QCOMPARE(failed.size(), 1);
    QCOMPARE(m_rig->state(model.id), ModelState::LoadFailed);
    QVERIFY(!service().model(model.id)->errorMessage.isEmpty());
    // The state is clean: another one loads, and this one can be tried and removed.
    m_rig->loaded(m_rig->downloaded(chat).id);
    QVERIFY(answer(service().remove(model.id)).ok());
}

void ServiceLoadTest::unloadTellsWhatItWaitsFor() {
    const auto model = m_rig->downloaded(big);
    m_rig->loaded(model.id);
    GenerationRequest pending;
    pending.input = TextInput{QStringLiteral("The")};
    pending.stop.max_new_tokens = 15;
    pending.stop.ignore_eos = true;
    m_rig->inference().submit(pending, this);
    QSignalSpy progress(&service(), &ModelService::unloadProgressed);
    auto one = service().unload(model.id), two = service().unload(model.id);
    QCOMPARE(m_rig->state(model.id), ModelState::Unloading);
    QCOMPARE(apiStatus(ModelState::Unloading), QLatin1StringView("loaded"));
    QCOMPARE(answer(service().load(model.id, true)).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(one, 120000).ok());
    QVERIFY(answer(two).ok());
    QCOMPARE(progress.first().first().toLongLong(), model.id);
    QCOMPARE(progress.first().at(1).toInt(), 1);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceLoadTest)
#include "service_load_test.moc"
