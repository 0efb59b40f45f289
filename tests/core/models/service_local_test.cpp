#include "tests/core/models/service_test_case.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

using namespace testing;
using engine::Scheme;

/// Models that lie in a folder of this machine already.
class ServiceLocalTest : public ServiceTestCase {
    Q_OBJECT
private Q_SLOTS:
    void addsLocalFolders();
    void refusesLocalFolders_data();
    void refusesLocalFolders();
    void localModelsAreQuantizedWhileLoading();
    void quantizesAFolderOnce();
    void quantizesFilesAtHand();
    void takesAnEncodersPooling();
    void refusesToQuantize();
    void whatIsMadeMovesAndGoesWithItsRecord();
};

void ServiceLocalTest::addsLocalFolders() {
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

void ServiceLocalTest::refusesLocalFolders_data() {
    QTest::addColumn<QString>("make");
    QTest::addColumn<int>("code");
    QTest::newRow("relative") << QStringLiteral("relative") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("missing") << QStringLiteral("missing") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("empty") << QStringLiteral("empty") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("no weights") << QStringLiteral("no weights") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("broken weights") << QStringLiteral("broken weights") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("broken config") << QStringLiteral("broken config") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("unsupported") << QStringLiteral("unsupported") << int(ErrorCode::UnsupportedModel);
    QTest::newRow("a layer is missing") << QStringLiteral("a layer is missing") << int(ErrorCode::UnsupportedModel);
    QTest::newRow("another shape") << QStringLiteral("another shape") << int(ErrorCode::UnsupportedModel);
    QTest::newRow("git-lfs pointer") << QStringLiteral("git-lfs pointer") << int(ErrorCode::InvalidLocalPath);
    QTest::newRow("remote code") << QStringLiteral("remote code") << int(ErrorCode::RemoteCodeRequired);
}

void ServiceLocalTest::refusesLocalFolders() {
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
    const auto change = [&](const char *key, int value) {
        QFile file(folder + QStringLiteral("/config.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QJsonObject config = QJsonDocument::fromJson(file.readAll()).object();
        config.insert(QLatin1StringView(key), value);
        write(QStringLiteral("config.json"), QJsonDocument(config).toJson());
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
    if (make == QStringLiteral("a layer is missing")) change("num_hidden_layers", 5);
    if (make == QStringLiteral("another shape")) change("vocab_size", 500);
    if (make == QStringLiteral("git-lfs pointer"))
        write(QStringLiteral("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
    const auto result = answer(service().addLocal(local));
    QVERIFY(!result);
    if (make == QStringLiteral("git-lfs pointer")) {
        const QString reason = result.error().details.value(QStringLiteral("reason")).toString();
        QVERIFY2(reason.contains(QStringLiteral("git-lfs pointer")), qPrintable(reason));
    }
    QTEST(int(result.error().code), "code");
    QVERIFY(service().models().isEmpty());
    QVERIFY(QDir(m_rig->cacheDir() + QStringLiteral("/local")).isEmpty());
}

void ServiceLocalTest::localModelsAreQuantizedWhileLoading() {
    LocalRequest local;
    local.path = sample;
    local.quantization = Scheme::NF4;
    const auto quantized = *answer(service().addLocal(local));
    const auto q4 = m_rig->loaded(quantized.id).memory->weightBytes;
    QVERIFY(answer(service().unload(quantized.id)).ok());
    QVERIFY(answer(service().remove(quantized.id)).ok());
    local.quantization = Scheme::Plain;
    const auto plain = *answer(service().addLocal(local));
    QVERIFY2(q4 < m_rig->loaded(plain.id).memory->weightBytes, qPrintable(QString::number(q4)));
}

/// A second record beside the folder's, whose files are its own: no load quantizes again, and the folder is as it was.
void ServiceLocalTest::quantizesAFolderOnce() {
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("mine"));
    QVERIFY(copyFolder(sample, folder));
    const auto before = QDir(folder).entryInfoList(QDir::Files);
    const auto plain = *answer(service().addLocal({.path = folder, .quantization = Scheme::Plain}));
    const auto begun = answer(service().quantize(plain.id, Scheme::NF4));
    QVERIFY2(begun.ok(), begun ? "" : qPrintable(begun.error().message));
    QVERIFY(begun->id != plain.id);
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(begun->id), ModelState::Ready, 60000);
    Model made = *service().model(begun->id);
    QVERIFY(made.kept);
    QCOMPARE(made.source, ModelSource::Local);
    QCOMPARE(made.localPath, plain.localPath);
    QCOMPARE(made.name, QStringLiteral("mine-q4"));
    QVERIFY(!QFileInfo(made.cachePath).isSymLink());
    QCOMPARE(QFileInfo(made.cachePath).path(), m_rig->cacheDir() + QStringLiteral("/quantized"));
    QVERIFY(made.diskSizeMb < plain.diskSizeMb);
    QVERIFY(service().cacheBytes() > 0);
    QCOMPARE(answer(service().quantize(plain.id, Scheme::NF4)).error().details.value(QStringLiteral("model_id")).toInteger(),
             made.id);
    m_rig->stop();
    m_rig->start();
    QCOMPARE(m_rig->state(made.id), ModelState::Ready);
    // Also where the folder is gone.
    QVERIFY(QDir(folder).removeRecursively());
    QSignalSpy progress(&service(), &ModelService::loadProgressed);
    QVERIFY(m_rig->loaded(made.id).memory->weightBytes > 0);
    for (const auto &told : std::as_const(progress)) QVERIFY(told.first().value<LoadProgress>().stage != LoadStage::Quantizing);
    QVERIFY(copyFolder(sample, folder));
    QCOMPARE(QDir(folder).entryList(QDir::Files).size(), before.size());
}

/// The same of a repository whose files are there: the Hub is not asked.
void ServiceLocalTest::quantizesFilesAtHand() {
    const auto plain = m_rig->downloaded(big);
    const auto asked = m_hub->log().size();
    const auto begun = answer(service().quantize(plain.id, Scheme::Int8));
    QVERIFY2(begun.ok(), begun ? "" : qPrintable(begun.error().message));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(begun->id), ModelState::Ready, 60000);
    const auto made = *service().model(begun->id);
    QCOMPARE(made.repoId, plain.repoId);
    QCOMPARE(made.quantization, Scheme::Int8);
    QVERIFY(!made.kept);
    QCOMPARE(m_hub->log().size(), asked);
    QVERIFY(m_rig->loaded(made.id).memory->weightBytes > 0);
}

/// How an encoder makes one vector of a text stands in folders of its own.
void ServiceLocalTest::takesAnEncodersPooling() {
    const QString folder = QStringLiteral(MILLM_FIXTURES "/sentence-model");
    const auto plain = answer(service().addLocal({.path = folder, .quantization = Scheme::Plain}));
    QVERIFY2(plain.ok(), plain ? "" : qPrintable(plain.error().message));
    const auto begun = answer(service().quantize(plain->id, Scheme::Int8));
    QVERIFY2(begun.ok(), begun ? "" : qPrintable(begun.error().message));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(begun->id), ModelState::Ready, 60000);
    const QString made = service().model(begun->id)->cachePath;
    for (const char *part : {"/1_Pooling/config.json", "/2_Dense/config.json", "/2_Dense/model.safetensors"}) {
        QFile own(made + QLatin1StringView(part)), given(folder + QLatin1StringView(part));
        QVERIFY2(own.open(QIODevice::ReadOnly) && given.open(QIODevice::ReadOnly), part);
        QCOMPARE(own.readAll(), given.readAll());
    }
}

void ServiceLocalTest::refusesToQuantize() {
    QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("mine"));
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama_chat_tiny"), folder));
    const auto plain = *answer(service().addLocal({.path = folder, .quantization = Scheme::Plain}));
    QCOMPARE(answer(service().quantize(77, Scheme::NF4)).error().code, ErrorCode::ModelNotFound);
    QCOMPARE(answer(service().quantize(plain.id, Scheme::Plain)).error().code, ErrorCode::InvalidRequest);
    const auto made = *answer(service().quantize(plain.id, Scheme::NF4));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(made.id), ModelState::Ready, 60000);
    QCOMPARE(answer(service().quantize(made.id, Scheme::Int8)).error().code, ErrorCode::InvalidRequest);
    QVERIFY(QDir(folder).removeRecursively());
    QCOMPARE(answer(service().quantize(plain.id, Scheme::Int8)).error().code, ErrorCode::InvalidLocalPath);
    QCOMPARE(service().models().size(), 2);
}

void ServiceLocalTest::whatIsMadeMovesAndGoesWithItsRecord() {
    const QTemporaryDir place, outside;
    const QString folder = outside.filePath(QStringLiteral("mine"));
    QVERIFY(copyFolder(fixtures + QStringLiteral("llama_chat_tiny"), folder));
    const auto plain = *answer(service().addLocal({.path = folder, .quantization = Scheme::Plain}));
    const auto begun = *answer(service().quantize(plain.id, Scheme::NF4));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(begun.id), ModelState::Ready, 60000);
    const QString before = service().model(begun.id)->cachePath;
    QVERIFY(answer(service().rename(begun.id, QStringLiteral("other"))).ok());
    QVERIFY(answer(service().setCacheDir(place.path())).ok());
    QCOMPARE(answer(service().elsewhere()).models, 2);
    QCOMPARE(*answer(service().gather()), 2);
    const QString now = service().model(begun.id)->cachePath;
    QVERIFY2(now.startsWith(place.path()), qPrintable(now));
    QVERIFY(!QFileInfo::exists(before));
    QCOMPARE(m_rig->loaded(begun.id).state, ModelState::Loaded);
    QVERIFY(answer(service().unload(begun.id)).ok());
    QVERIFY(answer(service().remove(begun.id)).ok());
    QVERIFY(!QFileInfo::exists(now));
    QVERIFY(QFileInfo::exists(folder + QStringLiteral("/config.json")));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceLocalTest)
#include "service_local_test.moc"
