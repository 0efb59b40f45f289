#include "core/models/model_repository.h"
#include "tests/core/models/service_test_case.h"

#include "core/storage/sql.h"
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
    void theContextIsChosenAndKept();
    void theDeviceIsKeptWhileItIsThere();
    void theContextIsWhatFits();
    void olderRecordsGetTheirParts();
    void aBrokenModelFailsToLoad();
    void unloadTellsWhatItWaitsFor();
};

void ServiceLoadTest::loadsAndUnloads() {
    const auto model = m_rig->downloaded(big);
    QSignalSpy progressed(&service(), &ModelService::loadProgressed), completed(&service(), &ModelService::loadCompleted),
        unloaded(&service(), &ModelService::unloadCompleted);
    const auto begun = answer(service().load(model.id, {}));
    QVERIFY2(begun.ok(), begun ? "" : qPrintable(begun.error().message));
    QCOMPARE(begun->state, ModelState::Loading);
    const auto loaded = answer(service().loadFinished(model.id), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->state, ModelState::Loaded);
    QCOMPARE(loaded->device, QStringLiteral("cpu"));
    QVERIFY(loaded->loadedAt.isValid());
    QVERIFY(loaded->memory.has_value());
    // The same parts, foretold and held; of a step nothing is held yet.
    QCOMPARE(loaded->memory->weightBytes, loaded->estimate.weightBytes);
    QCOMPARE(loaded->memory->kvCacheBytes, loaded->estimate.kvCacheBytes);
    QCOMPARE(loaded->memory->contextLength, loaded->estimate.contextLength);
    QVERIFY(loaded->memory->deviceBytes > 0);
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
    QCOMPARE(answer(service().load(999, {})).error().code, ErrorCode::ModelNotFound);
    QCOMPARE(answer(service().unload(one.id)).error().code, ErrorCode::ModelNotLoaded);
    auto first = service().load(one.id, {});
    // While it is checked already, and then while it loads.
    QCOMPARE(answer(service().load(two.id, {})).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(first).ok());
    if (m_rig->state(one.id) == ModelState::Loading) {
        QCOMPARE(answer(service().load(one.id, {})).error().code, ErrorCode::ModelBusy);
        QCOMPARE(answer(service().remove(one.id)).error().code, ErrorCode::ModelBusy);
    }
    QVERIFY(answer(service().loadFinished(one.id), 300000).ok());
    QCOMPARE(answer(service().load(one.id, {})).error().code, ErrorCode::ModelAlreadyLoaded);
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
    QVERIFY(answer(service().load(two.id, {.force = true})).ok());
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
    QCOMPARE(check->size(), 1);
    const MemoryCheck &cpu = check->first();
    QVERIFY(cpu.fits && !cpu.gpu && cpu.device == QStringLiteral("cpu"));
    QVERIFY(cpu.availableBytes() > 0 && cpu.availableBytes() <= cpu.totalBytes);
    QCOMPARE(cpu.need, model.estimate);
    QCOMPARE((cpu.need.totalBytes() + (1 << 20) - 1) >> 20, model.estimatedMemoryMb);
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
    const auto tooBig = answer(service().load(huge->id, {}));
    QCOMPARE(tooBig.error().code, ErrorCode::InsufficientMemory);
    QVERIFY(tooBig.error().message.startsWith(QStringLiteral("Warning: Model requires ~")));
    QCOMPARE(tooBig.error().details.value(QStringLiteral("model_id")).toInteger(), huge->id);
    QVERIFY(tooBig.error().details.value(QStringLiteral("required_memory")).toInteger() >
            tooBig.error().details.value(QStringLiteral("available_memory")).toInteger());
    QCOMPARE(m_rig->state(huge->id), ModelState::Ready);
    QCOMPARE(answer(service().load(huge->id, {.force = true}))->state, ModelState::Loading);  // who insists may try
    QVERIFY(!answer(service().loadFinished(huge->id), 300000));
    QCOMPARE(m_rig->state(huge->id), ModelState::LoadFailed);
}

void ServiceLoadTest::theContextIsChosenAndKept() {
    const auto model = m_rig->downloaded(big);
    const qint64 limit = answer(service().checkMemory(model.id))->first().longestContext;
    QVERIFY(limit > 256);
    for (const qint64 tokens : {qint64(-1), limit + 1}) {
        const auto refused = answer(service().load(model.id, {.contextLength = tokens}));
        QCOMPARE(refused.error().code, ErrorCode::InvalidRequest);
        QCOMPARE(refused.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("context_length"));
        QVERIFY2(refused.error().message.contains(QString::number(limit)), qPrintable(refused.error().message));
        QCOMPARE(m_rig->state(model.id), ModelState::Ready);
    }
    const auto nowhere = answer(service().load(model.id, {.device = QStringLiteral("cuda:77")}));
    QCOMPARE(nowhere.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("device"));

    QVERIFY(answer(service().load(model.id, {.contextLength = 192, .device = QStringLiteral("cpu")})).ok());
    const auto loaded = answer(service().loadFinished(model.id), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->contextLength, 192);
    QCOMPARE(m_rig->inference().loaded()->contextLength, 192);
    QCOMPARE(loaded->estimate.contextLength, 192);
    QCOMPARE(loaded->memory->kvCacheBytes, loaded->estimate.kvCacheBytes);
    QVERIFY(loaded->estimate.kvCacheBytes < model.estimate.kvCacheBytes);
    // Requests beyond it are refused with the numbers.
    GenerationRequest request;
    request.input = TextInput{QStringLiteral("word ").repeated(300)};
    auto *generation = m_rig->inference().submit(request, this);
    QSignalSpy failed(generation, &Generation::failed);
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 60000);
    const auto tooLong = failed.first().first().value<Error>();
    QCOMPARE(tooLong.code, ErrorCode::ContextLengthExceeded);
    QVERIFY2(tooLong.message.contains(QStringLiteral("192")), qPrintable(tooLong.message));
    // What requests took is told when they have ended.
    request.input = TextInput{QStringLiteral("word ").repeated(100)};
    request.stop.max_new_tokens = 2;
    m_rig->inference().submit(request, this);
    QTRY_VERIFY_WITH_TIMEOUT(service().model(model.id)->memory->workspaceBytes > loaded->memory->workspaceBytes, 60000);
    const auto used = *service().model(model.id)->memory;
    QCOMPARE(used.kvCacheBytes, loaded->estimate.kvCacheBytes);
    QVERIFY(used.workspaceBytes <= loaded->estimate.workspaceBytes);

    // The next load, and that of the next run, take it again, until it is set back.
    m_rig->stop();
    m_rig->start();
    QCOMPARE(service().model(model.id)->contextLength, 192);
    QCOMPARE(service().model(model.id)->wishedDevice, QStringLiteral("cpu"));
    QCOMPARE(service().model(model.id)->estimate, loaded->estimate);
    QCOMPARE(m_rig->loaded(model.id).memory->contextLength, 192);
    QVERIFY(answer(service().unload(model.id)).ok());
    QCOMPARE(answer(service().setContextLength(model.id, limit + 1)).error().code, ErrorCode::InvalidRequest);
    QCOMPARE(answer(service().setContextLength(model.id, 0))->estimate.kvCacheBytes, model.estimate.kvCacheBytes);
    QCOMPARE(m_rig->loaded(model.id).memory->contextLength, model.estimate.contextLength);
}

/// A device that somebody chose, and that is not in this machine any more, keeps nobody from loading.
void ServiceLoadTest::theDeviceIsKeptWhileItIsThere() {
    auto model = m_rig->downloaded(llama);
    QVERIFY(answer(service().load(model.id, {.device = QStringLiteral("cpu")})).ok());
    QVERIFY(answer(service().loadFinished(model.id), 300000).ok());
    QVERIFY(answer(service().unload(model.id)).ok());
    model = *service().model(model.id);
    QCOMPARE(model.wishedDevice, QStringLiteral("cpu"));
    m_rig->stop();
    {
        Database database(m_rig->settings.databaseUrl);
        QVERIFY(answer(database.open()).ok());
        model.wishedDevice = QStringLiteral("cuda:77");
        QVERIFY(answer(ModelRepository(database).update(model)).ok());
    }
    m_rig->start();
    QVERIFY(answer(service().load(model.id, {})).ok());
    const auto loaded = answer(service().loadFinished(model.id), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->device, QStringLiteral("cpu"));
    QCOMPARE(loaded->wishedDevice, QStringLiteral("cuda:77"));  // it may come back
    QVERIFY(answer(service().unload(model.id)).ok());
    QVERIFY(answer(service().load(model.id, {.device = QString()})).ok());
    QVERIFY(answer(service().loadFinished(model.id), 300000)->wishedDevice.isEmpty());
}

void ServiceLoadTest::theContextIsWhatFits() {
    // What requests may remember is no more than one sequence of some 100 tokens.
    m_rig->stop();
    m_rig->settings.kvCacheMb = 1;
    m_rig->start();
    const auto model = m_rig->downloaded(big);
    const auto check = answer(service().checkMemory(model.id))->first();
    QVERIFY(check.longestContext < check.needs.longest());
    QVERIFY(check.needAt(check.longestContext).kvCacheBytes <= 1 << 20);
    const auto refused = answer(service().load(model.id, {.contextLength = check.longestContext + 1}));
    QVERIFY2(refused.error().message.contains(QStringLiteral("--kv-cache")), qPrintable(refused.error().message));
    QCOMPARE(m_rig->loaded(model.id).memory->contextLength, check.need.contextLength);
    QVERIFY(check.need.contextLength <= check.longestContext);
}

void ServiceLoadTest::olderRecordsGetTheirParts() {
    const auto model = m_rig->downloaded(big);
    m_rig->stop();
    {
        Database database(m_rig->settings.databaseUrl);
        QVERIFY(answer(database.open()).ok());
        QVERIFY(answer(database.run<Result<void>>([](QSqlDatabase &connection) -> Result<void> {
                    auto done = sql::execute(connection, QStringLiteral("UPDATE models SET memory_json = NULL"));
                    return done ? Result<void>() : Result<void>(done.error());
                })).ok());
    }
    m_rig->start();
    QCOMPARE(service().model(model.id)->estimate, model.estimate);
}

void ServiceLoadTest::aBrokenModelFailsToLoad() {
    const auto model = m_rig->downloaded(llama);
    QFile weights(model.cachePath + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.open(QIODevice::ReadWrite));
    QVERIFY(weights.resize(weights.size() / 2));
    weights.close();
    QSignalSpy failed(&service(), &ModelService::loadFailed);
    const auto begun = answer(service().load(model.id, {.force = true}));
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
    QCOMPARE(answer(service().load(model.id, {.force = true})).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(one, 120000).ok());
    QVERIFY(answer(two).ok());
    QCOMPARE(progress.first().first().toLongLong(), model.id);
    QCOMPARE(progress.first().at(1).toInt(), 1);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceLoadTest)
#include "service_load_test.moc"
