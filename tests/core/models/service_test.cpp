#include "tests/core/models/service_rig.h"

#include "core/models/model_files.h"
#include "tests/support/hub_emulator.h"
#include "tests/support/hub_faults.h"
#include "tests/support/temporary_database.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

namespace millm {

using engine::Scheme;
using testing::answer;
using testing::ServiceRig;
using testing::wait;

namespace {

const QString fixtures = QStringLiteral(MILLM_FIXTURES "/models/");
const QString sample = QStringLiteral(MILLM_SAMPLE_MODEL);
const QString llama = QStringLiteral("tiny/llama"), chat = QStringLiteral("tiny/chat"), big = QStringLiteral("tiny/sample");

DownloadRequest request(const QString &repoId, Scheme scheme = Scheme::Plain) {
    DownloadRequest request;
    request.repoId = repoId;
    request.quantization = scheme;
    return request;
}

bool copyFolder(const QString &from, const QString &to) {
    QDir().mkpath(to);
    const auto entries = QDir(from).entryList(QDir::Files);
    return std::ranges::all_of(entries, [&](const QString &name) {
        return QFile::copy(from + QLatin1Char('/') + name, to + QLatin1Char('/') + name);
    });
}

}  // namespace

class ServiceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void downloadsAndQuantizes_data();
    void downloadsAndQuantizes();
    void previewTellsWithoutWriting();
    void asksTheHubBeforeItAccepts();
    void sameRepositoryAndSchemeOnce();
    void namesAreUnique();
    void refusesBadNames();
    void gatedModelsWantAToken();
    void unsupportedAndRemoteCode();
    void twoAtTheSameTime();
    void othersWaitInOrder();
    void cancelRemovesRecordAndFiles();
    void aFailedDownloadStartsAgainAsTheSameRecord();
    void retryStartsAgain();
    void removeDeletesFilesAndRecord();

    void addsLocalFolders();
    void refusesLocalFolders_data();
    void refusesLocalFolders();
    void localModelsAreQuantizedWhileLoading();

    void loadsAndUnloads();
    void loadRules();
    void switchUnloadsThePrevious();
    void memoryIsChecked();
    void aBrokenModelFailsToLoad();
    void unloadTellsWhatItWaitsFor();

    void restartMendsWhatAnEarlierRunLeft();
    void keepsFinishedDownloadsWithoutARecord();
    void lostFilesAreFound();
    void autoLoad();
    void autoLoadOfAnUnknownNameStillStarts();
    void shutDownEndsEverything();

private:
    void slow(const QString &repoId);

    testing::TemporaryDatabase m_databases;
    std::unique_ptr<testing::HubEmulator> m_hub;
    std::unique_ptr<ServiceRig> m_rig;
    ModelService &service() { return m_rig->service(); }
};

void ServiceTest::initTestCase() {
    QVERIFY(QFile::exists(QStringLiteral(MILLM_ENGINE_DIR "/libmillm_engine_cpu.so")));
}

void ServiceTest::init() {
    m_hub = std::make_unique<testing::HubEmulator>();
    m_hub->addRepository(llama, fixtures + QStringLiteral("llama"));
    m_hub->addRepository(chat, fixtures + QStringLiteral("llama_chat_tiny"));
    m_hub->addRepository(big, sample);
    m_rig = std::make_unique<ServiceRig>(m_databases.url(), m_hub->endpoint());
}

void ServiceTest::cleanup() {
    m_rig.reset();
    m_hub.reset();
}

void ServiceTest::downloadsAndQuantizes_data() {
    QTest::addColumn<int>("scheme");
    QTest::addColumn<QString>("folder");
    QTest::newRow("FP16") << int(Scheme::Plain) << QStringLiteral("tiny--sample--FP16");
    QTest::newRow("Q8") << int(Scheme::Int8) << QStringLiteral("tiny--sample--Q8");
    QTest::newRow("Q4") << int(Scheme::NF4) << QStringLiteral("tiny--sample--Q4");
}

void ServiceTest::downloadsAndQuantizes() {
    QFETCH(int, scheme);
    QFETCH(QString, folder);
    QSignalSpy created(&service(), &ModelService::modelCreated), completed(&service(), &ModelService::downloadCompleted),
        progressed(&service(), &ModelService::downloadProgressed);
    const auto accepted = answer(service().download(request(big, Scheme(scheme))));
    QVERIFY2(accepted.ok(), accepted ? "" : qPrintable(accepted.error().message));
    QCOMPARE(apiStatus(accepted->state), QLatin1StringView("downloading"));
    QCOMPARE(accepted->name, QStringLiteral("sample"));
    QCOMPARE(accepted->repoId, big);
    QVERIFY(accepted->diskSizeMb >= 1 && accepted->estimatedMemoryMb >= 1);
    QCOMPARE(created.size(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(completed.size(), 1, 120000);

    const auto model = *service().model(accepted->id);
    QCOMPARE(model.state, ModelState::Ready);
    QCOMPARE(m_rig->downloads(), QStringList{folder});
    QCOMPARE(model.cachePath, m_rig->cacheDir() + QStringLiteral("/huggingface/") + folder);
    QCOMPARE(model.architecture, QStringLiteral("LlamaForCausalLM"));
    QVERIFY(!model.params.isEmpty());
    QVERIFY(model.configJson.contains(QStringLiteral("hidden_size")));
    QCOMPARE(model.diskSizeMb, (files::bytesOf(model.cachePath) + (1 << 20) - 1) >> 20);
    QVERIFY(!progressed.isEmpty());
    QCOMPARE(progressed.last().first().value<DownloadProgress>().progress, 100.0);
    QVERIFY(!service().downloadProgress(model.id));
    // What was guessed before the download is what came: the sizes are counted, not felt.
    QVERIFY2(std::abs(model.diskSizeMb - accepted->diskSizeMb) <= 1,
             qPrintable(QStringLiteral("%1 %2").arg(model.diskSizeMb).arg(accepted->diskSizeMb)));
    QVERIFY(std::abs(model.estimatedMemoryMb - accepted->estimatedMemoryMb) <=
            std::max<qint64>(1, accepted->estimatedMemoryMb / 10));
    QCOMPARE(model.params, accepted->params);
    QCOMPARE(service().cacheBytes(), model.diskSizeMb << 20);
    QCOMPARE(m_hub->leaks(), 0);

    const auto loaded = m_rig->loaded(model.id);
    QCOMPARE(loaded.state, ModelState::Loaded);
    QVERIFY(loaded.memoryUsedMb >= 1);
}

void ServiceTest::previewTellsWithoutWriting() {
    const auto preview = answer(service().preview(QStringLiteral(" tiny/sample "), {}));
    QVERIFY2(preview.ok(), preview ? "" : qPrintable(preview.error().message));
    QCOMPARE(preview->repoId, big);
    QCOMPARE(preview->name, QStringLiteral("sample"));
    QCOMPARE(preview->architecture, QStringLiteral("LlamaForCausalLM"));
    QVERIFY(preview->supported);
    QVERIFY(!preview->isGated && !preview->requiresTrustRemoteCode);
    QVERIFY(preview->contextLength > 0);
    QCOMPARE(preview->sizes.size(), qsizetype(engine::schemes().size()));
    QCOMPARE(preview->sizes[0].scheme, Scheme::NF4);
    QVERIFY(preview->sizes[0].diskBytes < preview->sizes[1].diskBytes);
    QVERIFY(preview->sizes[1].diskBytes < preview->sizes[2].diskBytes);
    for (const auto &size : preview->sizes)
        QCOMPARE(size.weightBytes + size.kvCacheBytes + size.overheadBytes, size.memoryBytes);
    QVERIFY(preview->availableMemoryBytes > 0 && preview->availableDiskBytes > 0);
    QVERIFY(service().models().isEmpty());
    QVERIFY(m_rig->downloads().isEmpty());
    QCOMPARE(answer(service().preview(QStringLiteral("no/thing"), {})).error().code, ErrorCode::RepoNotFound);
    QCOMPARE(answer(service().preview(QStringLiteral("nothing"), {})).error().code, ErrorCode::InvalidRepoId);
}

void ServiceTest::asksTheHubBeforeItAccepts() {
    const auto missing = answer(service().download(request(QStringLiteral("no/thing"))));
    QCOMPARE(missing.error().code, ErrorCode::RepoNotFound);
    QCOMPARE(missing.error().message, QStringLiteral("Model not found: 'no/thing' does not exist on HuggingFace."));
    QCOMPARE(answer(service().download(request(QStringLiteral("a/../b")))).error().code, ErrorCode::InvalidRepoId);
    m_hub->addFault({.spoil = testing::faults::hangUp(), .count = -1});
    const auto network = answer(service().download(request(llama)));
    QCOMPARE(network.error().code, ErrorCode::ModelDownloadFailed);
    QVERIFY(service().models().isEmpty());
}

void ServiceTest::sameRepositoryAndSchemeOnce() {
    const auto first = m_rig->downloaded(llama);
    const auto again = answer(service().download(request(QStringLiteral("TINY/Llama"))));
    QCOMPARE(again.error().code, ErrorCode::ModelAlreadyExists);
    QCOMPARE(again.error().details.value(QStringLiteral("model_id")).toInteger(), first.id);
    QVERIFY(answer(service().download(request(llama, Scheme::Int8))).ok());
}

void ServiceTest::namesAreUnique() {
    QCOMPARE(m_rig->downloaded(llama, Scheme::NF4).name, QStringLiteral("llama"));
    QCOMPARE(m_rig->downloaded(llama, Scheme::Int8).name, QStringLiteral("llama-q8"));
    auto custom = request(chat);
    custom.customName = QStringLiteral("llama");
    const auto taken = answer(service().download(custom));
    QCOMPARE(taken.error().code, ErrorCode::InvalidRequest);
    QCOMPARE(taken.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("custom_name"));
    custom.customName = QStringLiteral("my.chat_1");
    QCOMPARE(answer(service().download(custom))->name, QStringLiteral("my.chat_1"));
}

void ServiceTest::refusesBadNames() {
    auto bad = request(llama);
    bad.customName = QStringLiteral("no/slash");
    QCOMPARE(answer(service().download(bad)).error().code, ErrorCode::InvalidRequest);
    QCOMPARE(m_hub->log().size(), 0);
}

void ServiceTest::gatedModelsWantAToken() {
    HubAccess access;
    access.gated = QStringLiteral("manual");
    access.grants = {QByteArrayLiteral("hf_goodtoken")};
    m_hub->setAccess(llama, access);
    m_hub->addToken("hf_goodtoken");
    m_hub->addToken("hf_othertoken");
    const auto preview = answer(service().preview(llama, {}));
    QVERIFY2(preview.ok(), preview ? "" : qPrintable(preview.error().message));
    QVERIFY(preview->isGated);
    auto wish = request(llama);
    QCOMPARE(answer(service().download(wish)).error().code, ErrorCode::GatedModelNoToken);
    wish.token = QStringLiteral("hf_othertoken");
    QCOMPARE(answer(service().download(wish)).error().code, ErrorCode::InvalidHfToken);
    QVERIFY(service().models().isEmpty());
    wish.token = QStringLiteral("hf_goodtoken");
    const auto accepted = answer(service().download(wish));
    QVERIFY2(accepted.ok(), accepted ? "" : qPrintable(accepted.error().message));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(accepted->id), ModelState::Ready, 120000);
    QCOMPARE(m_hub->leaks(), 0);
}

void ServiceTest::unsupportedAndRemoteCode() {
    QTemporaryDir folder;
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama"), folder.path()));
    const auto config = [&](const QByteArray &json) {
        QFile file(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(json);
    };
    config(R"({"model_type": "strange", "architectures": ["StrangeModel"]})");
    m_hub->addRepository(QStringLiteral("odd/strange"), folder.path());
    const auto strange = answer(service().download(request(QStringLiteral("odd/strange"))));
    QCOMPARE(strange.error().code, ErrorCode::UnsupportedModel);
    QVERIFY2(strange.error().message.contains(QStringLiteral("strange")), qPrintable(strange.error().message));
    config(
        R"({"model_type": "strange", "architectures": ["StrangeModel"], "auto_map": {"AutoModelForCausalLM": "modeling.StrangeModel"}})");
    m_hub->addRepository(QStringLiteral("odd/code"), folder.path());
    auto wish = request(QStringLiteral("odd/code"));
    QCOMPARE(answer(service().download(wish)).error().code, ErrorCode::RemoteCodeRequired);
    wish.trustRemoteCode = true;  // Python is never run, so trust does not help
    QCOMPARE(answer(service().download(wish)).error().code, ErrorCode::UnsupportedModel);
    QVERIFY(service().models().isEmpty());
}

void ServiceTest::twoAtTheSameTime() {
    auto one = service().download(request(llama)), two = service().download(request(llama));
    const auto first = answer(one), second = answer(two);
    QCOMPARE(int(first.ok()) + int(second.ok()), 1);
    const auto &lost = first ? second : first;
    QCOMPARE(lost.error().code, ErrorCode::ModelAlreadyExists);
    QCOMPARE(lost.error().details.value(QStringLiteral("model_id")).toInteger(), (first ? first : second)->id);
    QCOMPARE(service().models().size(), 1);
}

void ServiceTest::slow(const QString &repoId) {
    Q_UNUSED(repoId);
    m_hub->setThrottle(200'000);  // the sample model would take most of a minute
}

void ServiceTest::othersWaitInOrder() {
    QStringList order;
    connect(&service(), &ModelService::downloadCompleted, this, [&](const Model &model) { order << model.name; });
    slow(big);
    const auto first = *answer(service().download(request(big)));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(first.id), ModelState::Downloading, 60000);
    const auto second = *answer(service().download(request(llama)));
    const auto third = *answer(service().download(request(chat)));
    QCOMPARE(second.state, ModelState::Queued);
    QCOMPARE(apiStatus(second.state), QLatin1StringView("downloading"));
    QCOMPARE(second.downloadProgress, 0.0);
    m_hub->setThrottle(0);
    QVERIFY(answer(service().cancel(first.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(third.id), ModelState::Ready, 120000);
    QCOMPARE(order, (QStringList{QStringLiteral("llama"), QStringLiteral("chat")}));
}

void ServiceTest::cancelRemovesRecordAndFiles() {
    slow(big);
    QSignalSpy deleted(&service(), &ModelService::modelDeleted);
    const auto model = *answer(service().download(request(big)));
    QTRY_VERIFY_WITH_TIMEOUT(service().downloadProgress(model.id) && service().downloadProgress(model.id)->bytesDownloaded > 0,
                             60000);
    const auto waiting = *answer(service().download(request(llama)));
    QCOMPARE(answer(service().remove(model.id)).error().code, ErrorCode::ModelBusy);
    QCOMPARE(answer(service().load(model.id, true)).error().code, ErrorCode::ModelBusy);
    auto one = service().cancel(model.id), two = service().cancel(model.id);
    QVERIFY(answer(one).ok());
    QVERIFY(answer(two).ok());
    QVERIFY(!service().model(model.id));
    QVERIFY(answer(service().cancel(waiting.id)).ok());
    QCOMPARE(deleted.size(), 2);
    QVERIFY(m_rig->downloads().isEmpty());
    QCOMPARE(answer(service().cancel(model.id)).error().code, ErrorCode::ModelNotFound);
    m_hub->setThrottle(0);
    const auto done = m_rig->downloaded(llama);
    QCOMPARE(answer(service().cancel(done.id)).error().code, ErrorCode::ModelNotDownloading);
}

void ServiceTest::aFailedDownloadStartsAgainAsTheSameRecord() {
    // The weights are wrong at every try, while what the plan reads of them is not.
    m_hub->addFault({.spoil = testing::faults::flip(0.9), .listener = LocalHub::Listener::Cdn, .count = -1});
    QSignalSpy failed(&service(), &ModelService::downloadFailed);
    const auto model = answer(service().download(request(llama)));
    if (model) {
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 120000);
        QCOMPARE(failed.first().first().toLongLong(), model->id);
        const auto broken = *service().model(model->id);
        QCOMPARE(broken.state, ModelState::DownloadFailed);
        QVERIFY(!broken.errorMessage.isEmpty());
        QVERIFY(m_rig->downloads().isEmpty());
        QCOMPARE(answer(service().load(model->id, true)).error().code, ErrorCode::ModelBusy);
        m_hub->clearFaults();
        const auto again = answer(service().download(request(llama)));
        QVERIFY2(again.ok(), again ? "" : qPrintable(again.error().message));
        QCOMPARE(again->id, model->id);
        QVERIFY(again->errorMessage.isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model->id), ModelState::Ready, 120000);
    } else {
        QFAIL(qPrintable(model.error().message));
    }
}

void ServiceTest::retryStartsAgain() {
    slow(big);
    const auto model = *answer(service().download(request(big, Scheme::NF4)));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Downloading, 60000);
    m_rig->stop();
    m_hub->setThrottle(0);
    m_rig->start();
    QCOMPARE(m_rig->state(model.id), ModelState::DownloadFailed);
    QCOMPARE(service().model(model.id)->errorMessage, QStringLiteral("Download interrupted"));
    const auto again = answer(service().retry(model.id));
    QVERIFY2(again.ok(), again ? "" : qPrintable(again.error().message));
    QCOMPARE(again->id, model.id);
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Ready, 120000);
    QCOMPARE(answer(service().retry(model.id)).error().code, ErrorCode::ModelBusy);
    QCOMPARE(answer(service().retry(999)).error().code, ErrorCode::ModelNotFound);
}

void ServiceTest::removeDeletesFilesAndRecord() {
    const auto model = m_rig->downloaded(llama);
    QSignalSpy deleted(&service(), &ModelService::modelDeleted);
    auto one = service().remove(model.id), two = service().remove(model.id);
    QVERIFY(answer(one).ok());
    QCOMPARE(answer(two).error().code, ErrorCode::ModelBusy);
    QCOMPARE(deleted.size(), 1);
    QVERIFY(!service().model(model.id));
    QVERIFY(m_rig->downloads().isEmpty());
    QCOMPARE(answer(service().remove(model.id)).error().code, ErrorCode::ModelNotFound);
    m_rig->stop();
    m_rig->start();
    QVERIFY(service().models().isEmpty());
}

void ServiceTest::addsLocalFolders() {
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("My model"));
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama_chat_tiny"), folder));
    LocalRequest local;
    local.path = folder;
    local.quantization = Scheme::Plain;
    const auto model = answer(service().addLocal(local));
    QVERIFY2(model.ok(), model ? "" : qPrintable(model.error().message));
    QCOMPARE(model->state, ModelState::Ready);
    QCOMPARE(model->source, ModelSource::Local);
    QCOMPARE(model->name, QStringLiteral("My-model"));
    QCOMPARE(model->localPath, QFileInfo(folder).canonicalFilePath());
    QVERIFY(model->diskSizeMb >= 1 && model->estimatedMemoryMb >= 1);
    QCOMPARE(QFileInfo(model->cachePath).symLinkTarget(), model->localPath);
    const auto again = answer(service().addLocal(local));
    QCOMPARE(again.error().code, ErrorCode::ModelAlreadyExists);
    QCOMPARE(again.error().details.value(QStringLiteral("model_id")).toInteger(), model->id);

    QCOMPARE(m_rig->loaded(model->id).state, ModelState::Loaded);
    QVERIFY(answer(service().unload(model->id)).ok());
    const auto before = QDir(folder).entryList(QDir::Files);
    QVERIFY(answer(service().remove(model->id)).ok());
    QVERIFY(!QFileInfo(model->cachePath).isSymLink());
    QCOMPARE(QDir(folder).entryList(QDir::Files), before);
}

void ServiceTest::refusesLocalFolders_data() {
    QTest::addColumn<QString>("make");
    QTest::addColumn<int>("code");
    QTest::newRow("relative") << QStringLiteral("relative") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("missing") << QStringLiteral("missing") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("empty") << QStringLiteral("empty") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("no weights") << QStringLiteral("no weights") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("broken weights") << QStringLiteral("broken weights") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("broken config") << QStringLiteral("broken config") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("unsupported") << QStringLiteral("unsupported") << int(ErrorCode::UnsupportedModel);
    QTest::newRow("remote code") << QStringLiteral("remote code") << int(ErrorCode::RemoteCodeRequired);
}

void ServiceTest::refusesLocalFolders() {
    QFETCH(QString, make);
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("m"));
    LocalRequest local;
    local.path = folder;
    const auto write = [&](const QString &name, const QByteArray &content) {
        QFile file(folder + QLatin1Char('/') + name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    };
    if (make == QStringLiteral("relative"))
        local.path = QStringLiteral("m");
    else if (make == QStringLiteral("empty"))
        QDir().mkpath(folder);
    else if (make != QStringLiteral("missing"))
        QVERIFY(copyFolder(fixtures + QStringLiteral("llama"), folder));
    if (make == QStringLiteral("no weights"))
        QVERIFY(QFile::remove(folder + QStringLiteral("/model.safetensors")) &&
                QFile::remove(folder + QStringLiteral("/expected.safetensors")));
    if (make == QStringLiteral("broken weights")) write(QStringLiteral("model.safetensors"), "these are no weights at all");
    if (make == QStringLiteral("broken config")) write(QStringLiteral("config.json"), "{");
    if (make == QStringLiteral("unsupported")) write(QStringLiteral("config.json"), R"({"model_type": "strange"})");
    if (make == QStringLiteral("remote code"))
        write(QStringLiteral("config.json"), R"({"model_type": "strange", "auto_map": {"AutoModelForCausalLM": "m.M"}})");
    const auto result = answer(service().addLocal(local));
    QVERIFY(!result);
    QTEST(int(result.error().code), "code");
    QVERIFY(service().models().isEmpty());
    QVERIFY(QDir(m_rig->cacheDir() + QStringLiteral("/local")).isEmpty());
}

void ServiceTest::localModelsAreQuantizedWhileLoading() {
    LocalRequest local;
    local.path = sample;
    local.quantization = Scheme::NF4;
    const auto quantized = *answer(service().addLocal(local));
    const auto q4 = m_rig->loaded(quantized.id).memoryUsedMb;
    QVERIFY(answer(service().unload(quantized.id)).ok());
    QVERIFY(answer(service().remove(quantized.id)).ok());
    local.quantization = Scheme::Plain;
    const auto plain = *answer(service().addLocal(local));
    QVERIFY2(q4 < m_rig->loaded(plain.id).memoryUsedMb, qPrintable(QString::number(q4)));
}

void ServiceTest::loadsAndUnloads() {
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

void ServiceTest::loadRules() {
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

void ServiceTest::switchUnloadsThePrevious() {
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
    QVERIFY(answer(service().load(two.id, false)).ok());
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

void ServiceTest::memoryIsChecked() {
    const auto model = m_rig->downloaded(big);
    const auto check = answer(service().checkMemory(model.id));
    QVERIFY2(check.ok(), check ? "" : qPrintable(check.error().message));
    QVERIFY(check->fits);
    QVERIFY(!check->gpu);
    QVERIFY(check->availableBytes > 0 && check->availableBytes <= check->totalBytes);
    QCOMPARE((check->need.memoryBytes + (1 << 20) - 1) >> 20, model.estimatedMemoryMb);
    QCOMPARE(answer(service().checkMemory(999)).error().code, ErrorCode::ModelNotFound);

    // A model that asks for more than the machine has: its context is so long that the cache of keys and values is enormous.
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("huge"));
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama"), folder));
    QFile config(folder + QStringLiteral("/config.json"));
    QVERIFY(config.open(QIODevice::ReadOnly));
    auto json = QJsonDocument::fromJson(config.readAll()).object();
    config.close();
    json.insert(QStringLiteral("num_hidden_layers"), 65536);
    json.insert(QStringLiteral("head_dim"), 4096);
    json.insert(QStringLiteral("max_position_embeddings"), 131072);
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(QJsonDocument(json).toJson());
    config.close();
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

void ServiceTest::aBrokenModelFailsToLoad() {
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

void ServiceTest::unloadTellsWhatItWaitsFor() {
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

void ServiceTest::restartMendsWhatAnEarlierRunLeft() {
    const auto ready = m_rig->downloaded(llama);
    const auto loaded = m_rig->downloaded(chat);
    m_rig->loaded(loaded.id);
    slow(big);
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

void ServiceTest::keepsFinishedDownloadsWithoutARecord() {
    const auto model = m_rig->downloaded(llama, Scheme::NF4);
    m_rig->stop();
    m_rig->settings.databaseUrl = m_databases.url();  // another database, the same cache
    m_rig->start();
    QTRY_COMPARE(service().models().size(), 1);
    const auto found = service().models().first();
    QCOMPARE(found.repoId, llama);
    QCOMPARE(found.quantization, Scheme::NF4);
    QCOMPARE(found.state, ModelState::Ready);
    QCOMPARE(found.diskSizeMb, model.diskSizeMb);
    QCOMPARE(m_rig->loaded(found.id).state, ModelState::Loaded);
}

void ServiceTest::lostFilesAreFound() {
    const auto model = m_rig->downloaded(llama);
    m_rig->stop();
    QVERIFY(QDir(model.cachePath).removeRecursively());
    m_rig->start();
    QCOMPARE(m_rig->state(model.id), ModelState::DownloadFailed);
    QVERIFY(answer(service().retry(model.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Ready, 120000);
}

void ServiceTest::autoLoad() {
    const auto model = m_rig->downloaded(chat);
    m_rig->stop();
    m_rig->settings.autoLoadModel = model.name;
    m_rig->start();
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(model.id), ModelState::Loaded, 300000);
}

void ServiceTest::autoLoadOfAnUnknownNameStillStarts() {
    m_rig->stop();
    m_rig->settings.autoLoadModel = QStringLiteral("nobody");
    QTest::ignoreMessage(QtCriticalMsg, "AUTO_LOAD_MODEL: there is no model called 'nobody'");
    m_rig->start();
    QVERIFY(service().models().isEmpty());
}

void ServiceTest::shutDownEndsEverything() {
    const auto model = m_rig->downloaded(chat);
    m_rig->loaded(model.id);
    slow(big);
    const auto cut = *answer(service().download(request(big)));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(cut.id), ModelState::Downloading, 60000);
    GenerationRequest pending;
    pending.input = TextInput{QStringLiteral("The")};
    pending.stop.ignore_eos = true;
    m_rig->inference().submit(pending, this);
    QVERIFY(wait(service().shutDown()));
    QCOMPARE(answer(service().download(request(llama))).error().code, ErrorCode::ShuttingDown);
    QCOMPARE(answer(service().load(model.id, true)).error().code, ErrorCode::ShuttingDown);
    QCOMPARE(m_rig->state(model.id), ModelState::Ready);
    QCOMPARE(m_rig->state(cut.id), ModelState::DownloadFailed);
    QCOMPARE(m_rig->downloads(), QStringList{QStringLiteral("tiny--chat--FP16")});
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceTest)
#include "service_test.moc"
