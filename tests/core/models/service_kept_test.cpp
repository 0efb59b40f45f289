#include "core/downloads/model_download.h"
#include "core/models/model_files.h"
#include "tests/core/models/service_test_case.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/small_disk.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

using namespace testing;
using engine::Scheme;

/// Folders that are quantized when they are loaded: once, into the cache.
class ServiceKeptTest : public ServiceTestCase {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_outside;

    using Content = QMap<QString, QByteArray>;
    static Content contentOf(const QString &folder) {
        Content content;
        for (const QString &name : filesBelow(folder)) content.insert(name, readFile(folder + QLatin1Char('/') + name));
        return content;
    }
    /// Folders of what the cache keeps, half ones too.
    QStringList kept() const {
        return QDir(m_rig->cacheDir() + QStringLiteral("/quantized"))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    QString mine() const { return m_outside->filePath(QStringLiteral("mine")); }
    /// A copy of the sample model, registered.
    Model added(Scheme scheme = Scheme::NF4) {
        m_outside = std::make_unique<QTemporaryDir>();
        if (!copyFolder(sample, mine())) qFatal("the sample model is not copied");
        const auto model = answer(service().addLocal({.path = mine(), .quantization = scheme}));
        if (!model) qFatal("%s", qPrintable(model.error().message));
        return *model;
    }
    /// Loads and unloads; whether the load told that it quantizes.
    bool loadQuantizes(qint64 id) {
        bool quantizes = false;
        const auto connection = connect(&service(), &ModelService::loadProgressed, this, [&](const LoadProgress &progress) {
            quantizes |= progress.stage == LoadStage::Quantizing;
        });
        m_rig->loaded(id);
        disconnect(connection);
        if (!answer(service().unload(id))) qFatal("the model is not unloaded");
        return quantizes;
    }

private Q_SLOTS:
    void laterLoadsReadWhatTheFirstKept();
    void whatIsKeptIsTheConvertersOwn();
    void otherFilesAreQuantizedAgain();
    void whatIsDamagedIsMadeAnew();
    void goesWithItsModel();
    void isFoundUnderAnotherNameAndInAnotherCache();
    void quantizedFoldersAreReadWhereTheyLie();
    void withoutRoomEachLoadQuantizes();
    void withoutAFolderEachLoadQuantizes();
    void theEndOfTheProgramLeavesNothingHalf();
    void leftoversGoAtTheStart();
};

void ServiceKeptTest::laterLoadsReadWhatTheFirstKept() {
    const Model model = added();
    QCOMPARE(model.state, ModelState::Ready);
    const Content before = contentOf(mine());
    const qint64 cached = service().cacheBytes();
    QVERIFY(loadQuantizes(model.id));
    const QString folder = files::weightsOf(model);
    QCOMPARE(kept(), QStringList{QFileInfo(folder).fileName()});
    QCOMPARE(service().cacheBytes() - cached, files::bytesOf(folder));
    QCOMPARE(service().model(model.id)->keptBytes, files::bytesOf(folder));
    const auto made = QFileInfo(folder + QStringLiteral("/model.safetensors")).lastModified();

    QVERIFY(!loadQuantizes(model.id));
    m_rig->stop();
    m_rig->start();
    QCOMPARE(service().cacheBytes() - cached, files::bytesOf(folder));
    QVERIFY(!loadQuantizes(model.id));
    QCOMPARE(QFileInfo(folder + QStringLiteral("/model.safetensors")).lastModified(), made);
    // As foretold of the folder, and as the record says; the folder is as it was.
    const Model loaded = m_rig->loaded(model.id);
    QCOMPARE(loaded.memory->weightBytes, loaded.estimate.weightBytes);
    QCOMPARE(loaded.cachePath, model.cachePath);
    QCOMPARE(contentOf(mine()), before);
}

void ServiceKeptTest::whatIsKeptIsTheConvertersOwn() {
    const Model model = added(Scheme::Int8);
    QVERIFY(loadQuantizes(model.id));
    Content own = contentOf(files::weightsOf(model));
    QVERIFY(!own.take(QStringLiteral("made-of.txt")).isEmpty());
    const auto other = answer(service().quantize(model.id, Scheme::Int8));
    QVERIFY2(other.ok(), other ? "" : qPrintable(other.error().message));
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(other->id), ModelState::Ready, 60000);
    QCOMPARE(own, contentOf(service().model(other->id)->cachePath));
}

void ServiceKeptTest::otherFilesAreQuantizedAgain() {
    const Model model = added();
    QVERIFY(loadQuantizes(model.id));
    const Content first = contentOf(files::weightsOf(model));
    QVERIFY(!loadQuantizes(model.id));
    QFile weights(mine() + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.open(QIODevice::ReadWrite));
    // The last tensor's last numbers become others, the file's size stays.
    QVERIFY(weights.seek(weights.size() - 64) && weights.write(QByteArray(64, '\x3c')) == 64);
    QVERIFY(weights.setFileTime(QDateTime::currentDateTimeUtc().addSecs(5), QFileDevice::FileModificationTime));
    weights.close();
    QVERIFY(loadQuantizes(model.id));
    const Content second = contentOf(files::weightsOf(model));
    QCOMPARE(second.keys(), first.keys());
    QVERIFY(second.value(QStringLiteral("model.safetensors")) != first.value(QStringLiteral("model.safetensors")));
    QCOMPARE(kept().size(), 1);
    // The tokenizer counts as well.
    QFile settings(mine() + QStringLiteral("/tokenizer_config.json"));
    QVERIFY(settings.open(QIODevice::Append) && settings.write("\n") == 1);
    settings.close();
    QVERIFY(loadQuantizes(model.id));
    QCOMPARE(readFile(files::weightsOf(model) + QStringLiteral("/tokenizer_config.json")), readFile(settings.fileName()));
    QVERIFY(!loadQuantizes(model.id));
}

void ServiceKeptTest::whatIsDamagedIsMadeAnew() {
    const Model model = added();
    QVERIFY(loadQuantizes(model.id));
    const Content first = contentOf(files::weightsOf(model));
    QFile weights(files::weightsOf(model) + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.resize(weights.size() / 2));
    QVERIFY(loadQuantizes(model.id));
    QCOMPARE(contentOf(files::weightsOf(model)), first);
}

void ServiceKeptTest::goesWithItsModel() {
    const Model model = added();
    const Content before = contentOf(mine());
    QVERIFY(loadQuantizes(model.id));
    QCOMPARE(kept().size(), 1);
    QVERIFY(answer(service().remove(model.id)).ok());
    QCOMPARE(kept(), QStringList());
    QCOMPARE(service().cacheBytes(), 0);
    QCOMPARE(contentOf(mine()), before);
}

void ServiceKeptTest::isFoundUnderAnotherNameAndInAnotherCache() {
    const QTemporaryDir place;
    const Model model = added();
    QVERIFY(loadQuantizes(model.id));
    const QString before = files::weightsOf(model);
    QVERIFY(answer(service().rename(model.id, QStringLiteral("other"))).ok());
    QCOMPARE(files::weightsOf(*service().model(model.id)), before);
    QVERIFY(!loadQuantizes(model.id));

    // It stays in the earlier cache with its link until it is brought.
    QVERIFY(answer(service().setCacheDir(place.path())).ok());
    QVERIFY(answer(service().rename(model.id, QStringLiteral("another"))).ok());
    QVERIFY(!loadQuantizes(model.id));
    const Content content = contentOf(before);
    const Elsewhere elsewhere = answer(service().elsewhere());
    QCOMPARE(elsewhere.models, 1);
    QCOMPARE(elsewhere.bytes, files::bytesOf(before));
    QCOMPARE(*answer(service().gather()), 1);
    const Model moved = *service().model(model.id);
    QVERIFY(files::weightsOf(moved).startsWith(place.path() + QLatin1Char('/')));
    QCOMPARE(contentOf(files::weightsOf(moved)), content);
    QCOMPARE(kept(), QStringList());
    QCOMPARE(QDir(m_rig->cacheDir() + QStringLiteral("/local")).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList());
    QVERIFY(!loadQuantizes(model.id));
    QVERIFY(answer(service().remove(model.id)).ok());
    QVERIFY(!QFileInfo::exists(files::weightsOf(moved)));
    QVERIFY(!QFileInfo(moved.cachePath).isSymLink());
    QVERIFY(QFile::exists(mine() + QStringLiteral("/config.json")));
}

/// Nothing is made of them, so nothing is kept.
void ServiceKeptTest::quantizedFoldersAreReadWhereTheyLie() {
    const Model model = added();
    QVERIFY(loadQuantizes(model.id));
    const QString theirs = m_outside->filePath(QStringLiteral("theirs"));
    QVERIFY(copyFolder(files::weightsOf(model), theirs));
    const auto quantized = answer(service().addLocal({.path = theirs, .quantization = Scheme::NF4}));
    QVERIFY2(quantized.ok(), quantized ? "" : qPrintable(quantized.error().message));
    (void)loadQuantizes(quantized->id);
    QCOMPARE(kept().size(), 1);
    QCOMPARE(service().model(quantized->id)->keptBytes, 0);
}

void ServiceKeptTest::withoutRoomEachLoadQuantizes() {
    SmallDisk disk("64m");
    if (!disk.isValid()) QSKIP(SmallDisk::needs);
    QVERIFY(answer(service().setCacheDir(disk.path())).ok());
    const Model model = added();
    const QString folder = files::weightsOf(model);
    QVERIFY(folder.startsWith(disk.path()));
    disk.fill();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral(
                                           "Q4 weights of model .* cannot be kept, each load quantizes them: .*Need [0-9.]+ "
                                           ".*B, only [0-9.]+ .*B available")));
    QVERIFY(loadQuantizes(model.id));
    QVERIFY(!QFileInfo::exists(folder));
    QVERIFY(!QFileInfo::exists(ModelDownload::partialFolderOf(folder)));
    QCOMPARE(service().cacheBytes(), 0);
    disk.makeRoom();
    QVERIFY(loadQuantizes(model.id));
    QVERIFY(files::looksLikeModel(folder));
    QVERIFY(!loadQuantizes(model.id));
}

void ServiceKeptTest::withoutAFolderEachLoadQuantizes() {
    const Model model = added();
    writeFile(m_rig->cacheDir() + QStringLiteral("/quantized"), "somebody's own file");
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("cannot be kept, .*/quantized' cannot be written")));
    QVERIFY(loadQuantizes(model.id));
    QCOMPARE(readFile(m_rig->cacheDir() + QStringLiteral("/quantized")), QByteArray("somebody's own file"));
}

void ServiceKeptTest::theEndOfTheProgramLeavesNothingHalf() {
    // Weights that are a hole in a file: to quantize them takes far longer than to be told to stop.
    const QTemporaryDir outside;
    const QString folder = outside.filePath(QStringLiteral("large"));
    writeLlama(folder, {.hidden = 2048, .intermediate = 8192, .layers = 20, .heads = 16, .sparse = true});
    const auto model = answer(service().addLocal({.path = folder, .quantization = Scheme::NF4}));
    QVERIFY2(model.ok(), model ? "" : qPrintable(model.error().message));
    bool quantizes = false;
    connect(&service(), &ModelService::loadProgressed, this, [&](const LoadProgress &progress) {
        quantizes |= progress.stage == LoadStage::Quantizing && progress.progress > 0;
    });
    QVERIFY(answer(service().load(model->id, {.force = true})).ok());
    auto ended = service().loadFinished(model->id);
    QTRY_VERIFY_WITH_TIMEOUT(quantizes, 120000);
    QVERIFY(QFileInfo::exists(ModelDownload::partialFolderOf(files::weightsOf(*model))));
    QVERIFY(wait(service().shutDown()));
    QCOMPARE(answer(ended).error().code, ErrorCode::Cancelled);
    QCOMPARE(m_rig->state(model->id), ModelState::Ready);
    QCOMPARE(kept(), QStringList());
}

void ServiceKeptTest::leftoversGoAtTheStart() {
    // Of a link that lies in an earlier cache as well.
    const QTemporaryDir place;
    const Model model = added();
    const QString partial = ModelDownload::partialFolderOf(files::weightsOf(model));
    m_rig->kill();
    writeFile(partial + QStringLiteral("/model.safetensors"), "half");
    m_rig->settings.modelCacheDir = place.path();
    m_rig->start();
    QVERIFY(!QFileInfo::exists(partial));
    QCOMPARE(service().cacheBytes(), 0);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ServiceKeptTest)
#include "service_kept_test.moc"
