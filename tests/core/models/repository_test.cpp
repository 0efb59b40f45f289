#include "core/models/model_repository.h"
#include "core/storage/database.h"
#include "core/storage/sql.h"
#include "tests/support/temporary_database.h"
#include "tests/support/waiting.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace millm {

using testing::answer;

class RepositoryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void keepsEveryField();
    void keepsNothingAsNothing();
    void updates();
    void refusesWhatIsTaken();
    void removes();
    void statusIsWhatClientsKnow();
    void jsonIsJsonForTheServer();
    void aThousandRecords();

private:
    static Model sample(int number = 1);
    testing::TemporaryDatabase m_databases;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ModelRepository> m_repository;
};

void RepositoryTest::init() {
    m_database = std::make_unique<Database>(m_databases.url());
    QVERIFY(answer(m_database->open()).ok());
    m_repository = std::make_unique<ModelRepository>(*m_database);
}

void RepositoryTest::cleanup() {
    m_repository.reset();
    m_database.reset();
}

Model RepositoryTest::sample(int number) {
    Model model;
    model.name = QStringLiteral("gemma-%1").arg(number);
    model.repoId = QStringLiteral("google/gemma-%1").arg(number);
    model.params = QStringLiteral("2.6B");
    model.architecture = QStringLiteral("Gemma2ForCausalLM");
    model.quantization = engine::Scheme::Int8;
    model.diskSizeMb = 3059;
    model.setEstimate({3'000'000'000, 400'000'000, 50'000'000, 450'000'000, 4096});
    model.contextLength = 2048;
    model.wishedDevice = QStringLiteral("cuda:1");
    model.cachePath = QStringLiteral("/cache/ü/google--gemma");
    model.configJson = QStringLiteral(R"({"hidden_size": 2304, "name": "ünï \"quoted\" \\ '"})");
    model.state = ModelState::Ready;
    model.trustRemoteCode = true;
    return model;
}

void RepositoryTest::keepsEveryField() {
    const auto before = QDateTime::currentDateTimeUtc().addSecs(-5);
    const auto inserted = answer(m_repository->insert(sample()));
    QVERIFY2(inserted.ok(), inserted ? "" : qPrintable(inserted.error().message));
    QVERIFY(inserted->id > 0);
    const auto all = answer(m_repository->all());
    QCOMPARE(all->size(), 1);
    const Model &model = all->first();
    const Model wanted = sample();
    QCOMPARE(model.id, inserted->id);
    QCOMPARE(model.name, wanted.name);
    QCOMPARE(model.source, ModelSource::HuggingFace);
    QCOMPARE(model.repoId, wanted.repoId);
    QVERIFY(model.localPath.isEmpty());
    QCOMPARE(model.params, wanted.params);
    QCOMPARE(model.architecture, wanted.architecture);
    QCOMPARE(model.quantization, wanted.quantization);
    QCOMPARE(model.diskSizeMb, wanted.diskSizeMb);
    QCOMPARE(model.estimatedMemoryMb, wanted.estimatedMemoryMb);
    QCOMPARE(model.estimate, wanted.estimate);
    QCOMPARE(model.contextLength, 2048);
    QCOMPARE(model.wishedDevice, wanted.wishedDevice);
    QVERIFY(!model.kept);
    QCOMPARE(model.cachePath, wanted.cachePath);
    QCOMPARE(QJsonDocument::fromJson(model.configJson.toUtf8()), QJsonDocument::fromJson(wanted.configJson.toUtf8()));
    QCOMPARE(model.state, ModelState::Ready);
    QVERIFY(model.trustRemoteCode);
    QCOMPARE(model.createdAt.timeSpec(), Qt::UTC);
    QVERIFY2(model.createdAt > before && model.createdAt < before.addSecs(600),
             qPrintable(model.createdAt.toString(Qt::ISODateWithMs)));
    QCOMPARE(model.createdAt, inserted->createdAt);
}

void RepositoryTest::keepsNothingAsNothing() {
    Model local;
    local.name = QStringLiteral("mine");
    local.source = ModelSource::Local;
    local.localPath = QStringLiteral("/home/me/model");
    local.cachePath = QStringLiteral("/cache/local/mine");
    QVERIFY(answer(m_repository->insert(local)).ok());
    local.name = QStringLiteral("mine-2");
    local.localPath = QStringLiteral("/home/me/other");  // both have no repository: that is not "the same"
    QVERIFY(answer(m_repository->insert(local)).ok());
    // What is made of a folder stands beside it, once for each quantization.
    Model kept = local;
    kept.kept = true;
    for (const auto scheme : {engine::Scheme::NF4, engine::Scheme::Int8}) {
        kept.name = QStringLiteral("kept-%1").arg(int(scheme));
        kept.quantization = scheme;
        QVERIFY(answer(m_repository->insert(kept)).ok());
    }
    kept.name = QStringLiteral("again");
    QCOMPARE(answer(m_repository->insert(kept)).error().code, ErrorCode::ModelAlreadyExists);
    auto all = answer(m_repository->all());
    QCOMPARE(all->size(), 4);
    QVERIFY(all->takeLast().kept && all->takeLast().kept);
    QVERIFY(all->last().repoId.isEmpty());
    QVERIFY(all->last().configJson.isEmpty());
    QCOMPARE(all->last().estimate, MemoryUse());
    QCOMPARE(all->last().contextLength, 0);
    QVERIFY(!all->last().trustRemoteCode);
    QCOMPARE(all->last().source, ModelSource::Local);
}

void RepositoryTest::updates() {
    auto model = *answer(m_repository->insert(sample()));
    model.state = ModelState::LoadFailed;
    model.errorMessage = QStringLiteral("no room");
    model.diskSizeMb = qint64(3) << 20;
    model.updatedAt =
        QDateTime(QDate(2026, 3, 29), QTime(2, 30, 15, 123), QTimeZone::UTC);  // a local time that some zones skip
    const auto done = answer(m_repository->update(model));
    QVERIFY2(done.ok(), done ? "" : qPrintable(done.error().message));
    const auto read = answer(m_repository->all())->first();
    QCOMPARE(read.state, ModelState::LoadFailed);
    QCOMPARE(read.errorMessage, QStringLiteral("no room"));
    QCOMPARE(read.diskSizeMb, qint64(3) << 20);
    QCOMPARE(read.updatedAt, model.updatedAt);
    model.id = 4711;
    QCOMPARE(answer(m_repository->update(model)).error().code, ErrorCode::ModelNotFound);
}

void RepositoryTest::refusesWhatIsTaken() {
    QVERIFY(answer(m_repository->insert(sample())).ok());
    auto other = sample(2);
    other.repoId = QStringLiteral("GOOGLE/Gemma-1");
    const auto sameRepository = answer(m_repository->insert(other));
    QCOMPARE(sameRepository.error().code, ErrorCode::ModelAlreadyExists);
    QVERIFY(sameRepository.error().message.contains(QStringLiteral("Q8")));
    other.quantization = engine::Scheme::NF4;
    QVERIFY(answer(m_repository->insert(other)).ok());
    auto sameName = sample(3);
    sameName.name = QStringLiteral("gemma-1");
    QCOMPARE(answer(m_repository->insert(sameName)).error().code, ErrorCode::ModelAlreadyExists);
}

void RepositoryTest::removes() {
    const auto model = *answer(m_repository->insert(sample()));
    QVERIFY(answer(m_repository->remove(model.id)).ok());
    QCOMPARE(answer(m_repository->remove(model.id)).error().code, ErrorCode::ModelNotFound);
    const auto again = *answer(m_repository->insert(sample()));
    QVERIFY(again.id > model.id);  // an id is never given twice
}

void RepositoryTest::statusIsWhatClientsKnow() {
    auto model = sample();
    model.state = ModelState::Unloading;
    QVERIFY(answer(m_repository->insert(model)).ok());
    const auto status = answer(m_database->run<Result<QString>>([](QSqlDatabase &connection) -> Result<QString> {
        auto query = sql::execute(connection, QStringLiteral("SELECT status FROM models"));
        if (!query) return query.error();
        query->next();
        return query->value(0).toString();
    }));
    QCOMPARE(*status, QStringLiteral("loaded"));
    QCOMPARE(stateFromStatus(QStringLiteral("error"), false), ModelState::DownloadFailed);
    QCOMPARE(stateFromStatus(QStringLiteral("error"), true), ModelState::LoadFailed);
}

void RepositoryTest::jsonIsJsonForTheServer() {
    QVERIFY(answer(m_repository->insert(sample())).ok());
    const auto hidden = answer(m_database->run<Result<int>>([](QSqlDatabase &connection) -> Result<int> {
        auto query = sql::execute(connection, QStringLiteral("SELECT config_json ->> 'hidden_size' FROM models"));
        if (!query) return query.error();
        query->next();
        return query->value(0).toInt();
    }));
    QCOMPARE(*hidden, 2304);
}

void RepositoryTest::aThousandRecords() {
    QFuture<Result<Model>> last;
    for (int i = 0; i < 1000; ++i) last = m_repository->insert(sample(i));
    QVERIFY(answer(last, 240000).ok());
    const auto all = answer(m_repository->all());
    QCOMPARE(all->size(), 1000);
    QVERIFY(std::ranges::is_sorted(*all, {}, &Model::id));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::RepositoryTest)
#include "repository_test.moc"
