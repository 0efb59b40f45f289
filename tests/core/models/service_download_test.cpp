#include "tests/core/models/service_test_case.h"

#include "core/models/model_files.h"
#include "tests/support/hub_faults.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>
#include <array>

namespace millm {

using namespace testing;
using engine::Scheme;

/// Downloads as the service runs them, from the question to the Hub to the record that is gone.
class ServiceDownloadTest : public ServiceTestCase {
    Q_OBJECT
    std::array<Model, 3> oneAndTwoThatWait();
private Q_SLOTS:
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
    void thoseThatWaitCanBeMoved();
    void otherQuantizationsAreMadeOfFilesAtHand();
    void cancelRemovesRecordAndFiles();
    void aFailedDownloadStartsAgainAsTheSameRecord();
    void aFolderThatCannotBeReadNowIsKept();
    void filesThatAreThereAreTaken();
    void retryStartsAgain();
    void removeDeletesFilesAndRecord();
    void anotherFolderFromNowOn();
};

void ServiceDownloadTest::downloadsAndQuantizes_data() {
    QTest::addColumn<int>("scheme");
    QTest::addColumn<QString>("folder");
    QTest::newRow("FP16") << int(Scheme::Plain) << QStringLiteral("tiny--sample--FP16");
    QTest::newRow("Q8") << int(Scheme::Int8) << QStringLiteral("tiny--sample--Q8");
    QTest::newRow("Q4") << int(Scheme::NF4) << QStringLiteral("tiny--sample--Q4");
}

void ServiceDownloadTest::downloadsAndQuantizes() {
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
    QVERIFY2(!model.configJson.contains(QStringLiteral("bitsandbytes")), "the repository's, not the converted folder's");
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
    QVERIFY(loaded.memory && loaded.memory->weightBytes > 0);
}

void ServiceDownloadTest::previewTellsWithoutWriting() {
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
    for (const auto &size : preview->sizes) {
        QVERIFY(size.memory.weightBytes > 0 && size.memory.kvCacheBytes > 0 && size.memory.workspaceBytes > 0);
        QVERIFY(size.memory.contextLength > 0 && size.memory.contextLength <= preview->contextLength);
    }
    QVERIFY(preview->availableMemoryBytes > 0 && preview->availableDiskBytes > 0);
    QVERIFY(service().models().isEmpty());
    QVERIFY(m_rig->downloads().isEmpty());
    QCOMPARE(answer(service().preview(QStringLiteral("no/thing"), {})).error().code, ErrorCode::RepoNotFound);
    QCOMPARE(answer(service().preview(QStringLiteral("nothing"), {})).error().code, ErrorCode::InvalidRepoId);
}

void ServiceDownloadTest::asksTheHubBeforeItAccepts() {
    const auto missing = answer(service().download(request(QStringLiteral("no/thing"))));
    QCOMPARE(missing.error().code, ErrorCode::RepoNotFound);
    QCOMPARE(missing.error().message, QStringLiteral("Model not found: 'no/thing' does not exist on HuggingFace."));
    QCOMPARE(answer(service().download(request(QStringLiteral("a/../b")))).error().code, ErrorCode::InvalidRepoId);
    m_hub->addFault({.spoil = faults::hangUp(), .count = -1});
    const auto network = answer(service().download(request(llama)));
    QCOMPARE(network.error().code, ErrorCode::ModelDownloadFailed);
    QVERIFY(service().models().isEmpty());
}

void ServiceDownloadTest::sameRepositoryAndSchemeOnce() {
    const auto first = m_rig->downloaded(llama);
    const auto again = answer(service().download(request(QStringLiteral("TINY/Llama"))));
    QCOMPARE(again.error().code, ErrorCode::ModelAlreadyExists);
    QCOMPARE(again.error().details.value(QStringLiteral("model_id")).toInteger(), first.id);
    QVERIFY(answer(service().download(request(llama, Scheme::Int8))).ok());
}

void ServiceDownloadTest::namesAreUnique() {
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

void ServiceDownloadTest::refusesBadNames() {
    auto bad = request(llama);
    bad.customName = QStringLiteral("no/slash");
    QCOMPARE(answer(service().download(bad)).error().code, ErrorCode::InvalidRequest);
    QCOMPARE(m_hub->log().size(), 0);
}

void ServiceDownloadTest::gatedModelsWantAToken() {
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

void ServiceDownloadTest::unsupportedAndRemoteCode() {
    QTemporaryDir folder;
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama"), folder.path()));
    const auto config = [&](const QByteArray &json) {
        QFile file(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(json);
    };
    // Known beforehand from the headers: not downloaded whole to be refused then.
    QFile known(fixtures + QStringLiteral("llama/config.json"));
    QVERIFY(known.open(QIODevice::ReadOnly));
    QJsonObject deeper = QJsonDocument::fromJson(known.readAll()).object();
    deeper.insert(QStringLiteral("num_hidden_layers"), 9);
    config(QJsonDocument(deeper).toJson());
    m_hub->addRepository(QStringLiteral("odd/deeper"), folder.path());
    const auto seen = answer(service().preview(QStringLiteral("odd/deeper"), {}));
    QVERIFY(seen && !seen->supported);
    QVERIFY2(seen->unsupportedReason.contains(QStringLiteral("model.layers.")), qPrintable(seen->unsupportedReason));
    for (const Scheme scheme : {Scheme::Plain, Scheme::NF4})
        QCOMPARE(answer(service().download(request(QStringLiteral("odd/deeper"), scheme))).error().code,
                 ErrorCode::UnsupportedModel);

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

void ServiceDownloadTest::twoAtTheSameTime() {
    auto one = service().download(request(llama)), two = service().download(request(llama));
    const auto first = answer(one), second = answer(two);
    QCOMPARE(int(first.ok()) + int(second.ok()), 1);
    const auto &lost = first ? second : first;
    QCOMPARE(lost.error().code, ErrorCode::ModelAlreadyExists);
    QCOMPARE(lost.error().details.value(QStringLiteral("model_id")).toInteger(), (first ? first : second)->id);
    QCOMPARE(service().models().size(), 1);
}

/// A slow download and two behind it.
std::array<Model, 3> ServiceDownloadTest::oneAndTwoThatWait() {
    slowDown();
    const Model first = *answer(service().download(request(big)));
    if (!QTest::qWaitFor([&] { return m_rig->state(first.id) == ModelState::Downloading; }, 60000)) qFatal("it does not begin");
    const Model second = *answer(service().download(request(llama)));
    return {first, second, *answer(service().download(request(chat)))};
}

void ServiceDownloadTest::othersWaitInOrder() {
    QStringList order;
    connect(&service(), &ModelService::downloadCompleted, this, [&](const Model &model) { order << model.name; });
    const auto [first, second, third] = oneAndTwoThatWait();
    QCOMPARE(second.state, ModelState::Queued);
    QCOMPARE(apiStatus(second.state), QLatin1StringView("downloading"));
    QCOMPARE(second.downloadProgress, 0.0);
    m_hub->setThrottle(0);
    QVERIFY(answer(service().cancel(first.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(third.id), ModelState::Ready, 120000);
    QCOMPARE(order, (QStringList{QStringLiteral("llama"), QStringLiteral("chat")}));
}

void ServiceDownloadTest::thoseThatWaitCanBeMoved() {
    QStringList order;
    connect(&service(), &ModelService::downloadCompleted, this, [&](const Model &model) { order << model.name; });
    const auto [first, second, third] = oneAndTwoThatWait();
    const auto fourth = *answer(service().download(request(big, Scheme::NF4)));
    const auto places = [&] {
        QList<int> list;
        for (const auto &model : {second, third, fourth}) list << service().model(model.id)->queuePlace;
        return list;
    };
    QTRY_COMPARE(places(), (QList<int>{1, 2, 3}));
    QSignalSpy updated(&service(), &ModelService::modelUpdated);
    QVERIFY(service().moveInQueue(third.id, -1).ok());
    QCOMPARE(places(), (QList<int>{2, 1, 3}));
    QCOMPARE(updated.size(), 2);  // those that stand elsewhere now
    QVERIFY(service().moveInQueue(second.id, 100).ok());
    QVERIFY(service().moveInQueue(third.id, -100).ok());
    QCOMPARE(places(), (QList<int>{3, 1, 2}));
    QCOMPARE(service().moveInQueue(first.id, 1).error().code, ErrorCode::ModelBusy);
    QCOMPARE(service().moveInQueue(99, 1).error().code, ErrorCode::ModelNotFound);
    QVERIFY(answer(service().cancel(fourth.id)).ok());
    QTRY_COMPARE(service().model(second.id)->queuePlace, 2);
    m_hub->setThrottle(0);
    QVERIFY(answer(service().cancel(first.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(second.id), ModelState::Ready, 120000);
    QCOMPARE(order, (QStringList{QStringLiteral("chat"), QStringLiteral("llama")}));
    QCOMPARE(service().model(second.id)->queuePlace, 0);
}

/// The files that are there as they are need no second download; what of them is damaged comes again.
void ServiceDownloadTest::otherQuantizationsAreMadeOfFilesAtHand() {
    const auto plain = m_rig->downloaded(big, Scheme::Plain);
    // Whole weight files; the header alone is read by its range.
    const auto fetched = [&] {
        const auto log = m_hub->log();
        return std::ranges::count_if(
            log, [](const HubLogEntry &entry) { return entry.path.contains("/xet-bridge/") && entry.range.isEmpty(); });
    };
    m_hub->clearLog();
    const auto four = m_rig->downloaded(big, Scheme::NF4);
    QVERIFY(four.id != plain.id);
    QCOMPARE(fetched(), 0);
    QVERIFY(QFile::exists(plain.cachePath + QStringLiteral("/model.safetensors")));
    QCOMPARE(m_rig->loaded(four.id).state, ModelState::Loaded);
    QVERIFY(answer(service().unload(four.id)).ok());
    // One goes, the other stays whole.
    QVERIFY(answer(service().remove(four.id)).ok());
    QCOMPARE(m_rig->loaded(plain.id).state, ModelState::Loaded);
    QVERIFY(answer(service().unload(plain.id)).ok());

    QFile weights(plain.cachePath + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.open(QIODevice::ReadWrite) && weights.seek(weights.size() - 9) && weights.write("x") == 1);
    weights.close();
    m_hub->clearLog();
    QCOMPARE(m_rig->downloaded(big, Scheme::Int8).state, ModelState::Ready);
    QCOMPARE(fetched(), 1);
}

void ServiceDownloadTest::cancelRemovesRecordAndFiles() {
    slowDown();
    QSignalSpy deleted(&service(), &ModelService::modelDeleted);
    const auto model = *answer(service().download(request(big)));
    QTRY_VERIFY_WITH_TIMEOUT(service().downloadProgress(model.id) && service().downloadProgress(model.id)->bytesDownloaded > 0,
                             60000);
    const auto waiting = *answer(service().download(request(llama)));
    QCOMPARE(answer(service().remove(model.id)).error().code, ErrorCode::ModelBusy);
    QCOMPARE(answer(service().load(model.id, {.force = true})).error().code, ErrorCode::ModelBusy);
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

void ServiceDownloadTest::aFailedDownloadStartsAgainAsTheSameRecord() {
    // The weights are wrong at every try, while what the plan reads of them is not.
    m_hub->addFault({.spoil = faults::flip(0.9), .listener = LocalHub::Listener::Cdn, .count = -1});
    QSignalSpy failed(&service(), &ModelService::downloadFailed);
    const auto model = answer(service().download(request(llama)));
    if (model) {
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 120000);
        QCOMPARE(failed.first().first().toLongLong(), model->id);
        const auto broken = *service().model(model->id);
        QCOMPARE(broken.state, ModelState::DownloadFailed);
        QVERIFY(!broken.errorMessage.isEmpty());
        QVERIFY(m_rig->downloads().isEmpty());
        QCOMPARE(answer(service().load(model->id, {.force = true})).error().code, ErrorCode::ModelBusy);
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

void ServiceDownloadTest::aFolderThatCannotBeReadNowIsKept() {
    // The process has no file descriptors left just when the finished folder is to be read.
    rlimit before{}, none{};
    QCOMPARE(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    connect(&service(), &ModelService::downloadProgressed, this, [&](const DownloadProgress &progress) {
        if (progress.progress == 100) setrlimit(RLIMIT_NOFILE, &none);
    });
    QSignalSpy failed(&service(), &ModelService::downloadFailed), completed(&service(), &ModelService::downloadCompleted);
    connect(&service(), &ModelService::downloadFailed, this, [&] { setrlimit(RLIMIT_NOFILE, &before); });
    const auto model = *answer(service().download(request(llama)));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size() + completed.size(), 1, 120000);
    setrlimit(RLIMIT_NOFILE, &before);
    service().disconnect(this);
    QCOMPARE(m_rig->state(model.id), ModelState::DownloadFailed);
    QVERIFY(QFile::exists(model.cachePath + QStringLiteral("/model.safetensors")));
    // What is there is not fetched again.
    m_hub->clearLog();
    QVERIFY(answer(service().retry(model.id)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(completed.size(), 1, 120000);
    QCOMPARE(m_rig->state(model.id), ModelState::Ready);
    for (const HubLogEntry &entry : m_hub->log())
        QVERIFY2(entry.listener != LocalHub::Listener::Cdn || !entry.range.isEmpty(), entry.path);
    m_rig->loaded(model.id);
}

void ServiceDownloadTest::filesThatAreThereAreTaken() {
    const QString aside = m_rig->cacheDir() + QStringLiteral("/aside");
    const auto model = m_rig->downloaded(llama);
    QVERIFY(QFile::rename(model.cachePath, aside));
    QVERIFY(answer(service().remove(model.id)).ok());
    QVERIFY(QFile::rename(aside, model.cachePath));
    QSignalSpy completed(&service(), &ModelService::downloadCompleted), created(&service(), &ModelService::modelCreated);
    const auto taken = answer(service().download(request(llama)));
    QVERIFY2(taken.ok(), taken ? "" : qPrintable(taken.error().message));
    QCOMPARE(taken->state, ModelState::Ready);
    QTRY_COMPARE_WITH_TIMEOUT(completed.size(), 1, 60000);  // whoever waits for the download's end hears of it
    QCOMPARE(completed.first().first().value<Model>().id, taken->id);
    QCOMPARE(created.size(), 1);
}

void ServiceDownloadTest::retryStartsAgain() {
    slowDown();
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

void ServiceDownloadTest::removeDeletesFilesAndRecord() {
    const auto model = m_rig->downloaded(llama);
    QSignalSpy deleted(&service(), &ModelService::modelDeleted);
    auto one = service().remove(model.id), two = service().remove(model.id);
    QVERIFY(answer(one).ok());
    // The worker may be done before the second is asked.
    const ErrorCode refused = answer(two).error().code;
    QVERIFY2(refused == ErrorCode::ModelBusy || refused == ErrorCode::ModelNotFound, qPrintable(QString::number(int(refused))));
    QCOMPARE(deleted.size(), 1);
    QVERIFY(!service().model(model.id));
    QVERIFY(m_rig->downloads().isEmpty());
    QCOMPARE(answer(service().remove(model.id)).error().code, ErrorCode::ModelNotFound);
    m_rig->stop();
    m_rig->start();
    QVERIFY(service().models().isEmpty());
}

void ServiceDownloadTest::anotherFolderFromNowOn() {
    QTemporaryDir place;
    const QString other = place.filePath(QStringLiteral("deep/models"));
    const auto old = m_rig->downloaded(llama);
    QVERIFY(!answer(service().setCacheDir(QStringLiteral("/proc/nowhere"))).ok());
    QVERIFY(answer(service().setCacheDir(other)).ok());
    const auto fresh = m_rig->downloaded(big);
    QVERIFY2(fresh.cachePath.startsWith(other + u'/'), qPrintable(fresh.cachePath));
    QVERIFY(QFile::exists(fresh.cachePath));
    QVERIFY(QFile::exists(old.cachePath));
    // What lies in the first one goes as well as what lies here.
    QVERIFY(answer(service().remove(old.id)).ok());
    QVERIFY(!QFile::exists(old.cachePath));
    QVERIFY(answer(service().remove(fresh.id)).ok());
    QVERIFY(!QFile::exists(fresh.cachePath));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceDownloadTest)
#include "service_download_test.moc"
