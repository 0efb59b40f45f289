// Finding models: the Hub's search, what is made of its answers, and answers that are none.
#include "core/models/model_search.h"

#include "core/hub/hub_client.h"
#include "core/inference/inference_service.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using engine::Scheme;

class SearchTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    std::unique_ptr<InferenceService> m_inference;
    std::unique_ptr<ModelSearch> m_search;

    void connectWith(bool offline = false) {
        m_search.reset();
        Settings settings = hubSettings(*m_hub);
        settings.hubOffline = offline;
        settings.device = QStringLiteral("cpu");
        m_client = std::make_unique<HubClient>(settings);
        m_client->setTiming(quickTiming());
        m_inference = std::make_unique<InferenceService>(settings);
        m_search = std::make_unique<ModelSearch>(*m_client, *m_inference);
    }
    Result<QList<FoundModel>> find(const QString &words, int limit = 20) {
        return answer(m_search->find({.words = words, .limit = limit}));
    }
    static QList<FoundRepository> read(const QByteArray &json) {
        const auto found = foundRepositories(json, "application/json", 100);
        return found ? *found : QList<FoundRepository>();
    }
    static FoundModel judged(const QByteArray &fields, qint64 available = 8'000'000'000) {
        const auto found = read("[{\"id\": \"acme/model\", " + fields + "}]");
        return found.size() == 1 ? judgeFound(found[0], available) : FoundModel();
    }

private Q_SLOTS:
    void initTestCase() { writeLlama(m_folder.path()); }
    void init() {
        m_hub = std::make_unique<HubEmulator>();
        m_hub->addRepository(QStringLiteral("acme/tiny-llama"), m_folder.path());
        m_hub->addRepository(QStringLiteral("other/llama-large"), m_folder.path());
        m_hub->addRepository(QStringLiteral("acme/secret-llama"), m_folder.path());
        m_hub->setAccess(QStringLiteral("acme/secret-llama"), {.isPrivate = true, .grants = {"hf_mine"}});
        m_hub->setAccess(QStringLiteral("other/llama-large"), {.gated = QStringLiteral("manual")});
        m_hub->setPopularity(QStringLiteral("other/llama-large"), 12'000, 34);
        m_hub->addToken("hf_mine");
        connectWith();
    }

    void tellsWhatTheHubTells() {
        const auto found = find(QStringLiteral(" LLAMA  "));
        QVERIFY2(found.ok(), found ? "" : qPrintable(found.error().message));
        QCOMPARE(found->size(), 2);
        const FoundModel &first = found->first();
        QCOMPARE(first.repository.id, QStringLiteral("other/llama-large"));
        QCOMPARE(first.repository.downloads, 12'000);
        QCOMPARE(first.repository.likes, 34);
        QCOMPARE(first.repository.gated, true);
        QCOMPARE(first.repository.modelType, QStringLiteral("llama"));
        QVERIFY(!first.repository.license.isEmpty());
        QCOMPARE(first.supported, true);
        QCOMPARE(first.fits, true);
        QVERIFY(!first.params.isEmpty());
        QCOMPARE(found->last().repository.gated, false);
        QVERIFY(m_hub->count("/api/models") == 1);
        QCOMPARE(find(QStringLiteral("llama"), 1)->size(), 1);
        QCOMPARE(find(QStringLiteral("nothing like it"))->size(), 0);
        const auto mine = answer(m_search->find({.words = QStringLiteral("secret"), .token = QStringLiteral("hf_mine")}));
        QCOMPARE(mine->size(), 1);
        QVERIFY(mine->first().repository.isPrivate);
        const auto refused = answer(m_search->find({.words = QStringLiteral("llama"), .token = QStringLiteral("hf_bad")}));
        QCOMPARE(refused.error().code, ErrorCode::InvalidHfToken);
        QVERIFY2(!refused.error().message.contains(QStringLiteral("''")), qPrintable(refused.error().message));
    }
    void wantsWordsAndALimit() {
        const auto field = [](const Result<QList<FoundModel>> &result) {
            return result ? QString() : result.error().details.value(QStringLiteral("field")).toString();
        };
        QCOMPARE(field(find(QStringLiteral("  "))), QStringLiteral("query"));
        QCOMPARE(field(find(QString(201, u'a'))), QStringLiteral("query"));
        QCOMPARE(field(find(QStringLiteral("llama"), 0)), QStringLiteral("limit"));
        QCOMPARE(field(find(QStringLiteral("llama"), 101)), QStringLiteral("limit"));
        QCOMPARE(m_hub->log().size(), 0);
    }
    /// "&", "#" and the like are words too, not parts of the address.
    void wordsStayWords() {
        QVERIFY(find(QStringLiteral("llama&limit=0#x ?/")).ok());
        QVERIFY(m_hub->log().first().path.startsWith("/api/models"));
        QCOMPARE(find(QStringLiteral("llama&limit=0"))->size(), 0);
    }
    void canBeStopped() {
        m_hub->addFault({.spoil = faults::silence(), .path = "/api/models", .count = -1});
        std::stop_source stop;
        const auto future = m_search->find({.words = QStringLiteral("llama")}, stop.get_token());
        QTRY_VERIFY(m_hub->count("/api/models") > 0);
        QVERIFY(!future.isFinished());
        stop.request_stop();
        QCOMPARE(answer(future).error().code, ErrorCode::Cancelled);
        // And before it has begun, and after it has ended.
        QCOMPARE(answer(m_search->find({.words = QStringLiteral("llama")}, stop.get_token())).error().code,
                 ErrorCode::Cancelled);
        m_hub->clearFaults();
        std::stop_source late;
        QVERIFY(answer(m_search->find({.words = QStringLiteral("llama")}, late.get_token())).ok());
        late.request_stop();
        QCoreApplication::processEvents();
    }
    void saysOffline() {
        connectWith(true);
        const auto found = find(QStringLiteral("llama"));
        QVERIFY(!found.ok());
        QVERIFY(found.error().message.contains(QStringLiteral("HF_HUB_OFFLINE")));
        QVERIFY2(!found.error().message.contains(QStringLiteral("Download")), qPrintable(found.error().message));
    }

    void doubtsAnswers_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("found");  // -1: refused
        QTest::newRow("no JSON") << QByteArray("[{\"id\": ") << -1;
        QTest::newRow("an object") << QByteArray("{\"models\": []}") << -1;
        QTest::newRow("a web page") << QByteArray("<html>Sign in</html>") << -1;
        QTest::newRow("too long") << QByteArray(21'000'000, ' ') << -1;
        QTest::newRow("no objects") << QByteArray("[1, null, \"x\", []]") << 0;
        QTest::newRow("ids that are none") << QByteArray("[{\"id\": 5}, {\"id\": \"gpt2\"}, {\"id\": \"../../etc\"}]") << 0;
        QTest::newRow("wrong types")
            << QByteArray(R"([{"id": "a/b", "downloads": "many", "likes": -3, "gated": 7, "config": [], "tags": {}, )"
                          R"("cardData": 1, "safetensors": {"total": 1e300, "parameters": [1]}}])")
            << 1;
        QByteArray many = "[";
        for (int i = 0; i < 5000; ++i) many += "{\"id\": \"a/m" + QByteArray::number(i) + "\"},";
        QTest::newRow("more than asked for") << many + "{}]" << 20;
    }
    void doubtsAnswers() {
        QFETCH(QByteArray, body);
        QFETCH(int, found);
        m_hub->addFault({.spoil = faults::body(body), .path = "/api/models", .count = -1});
        const auto result = find(QStringLiteral("llama"));
        QCOMPARE(result ? int(result->size()) : -1, found);
        if (!result) QVERIFY(result.error().message.startsWith(QStringLiteral("The Hub cannot be searched: ")));
        if (found != 1) return;
        const FoundModel &model = result->first();
        QVERIFY(!model.repository.downloads && !model.repository.likes && !model.repository.gated);
        QVERIFY(!model.supported && !model.fits && model.weightBytes.isEmpty() && model.params.isEmpty());
    }

    void judgesWhatItKnows() {
        const FoundModel known = judged(
            R"("config": {"model_type": "llama"}, "safetensors": {"total": 7000000000, "parameters": {"BF16": 7000000000}})");
        QCOMPARE(known.supported, true);
        QCOMPARE(known.params, QStringLiteral("7B"));
        QCOMPARE(known.weightBytes[Scheme::NF4], 3'500'000'000);
        QCOMPARE(known.weightBytes[Scheme::Int8], 7'000'000'000);
        QCOMPARE(known.weightBytes[Scheme::Plain], 14'000'000'000);
        QCOMPARE(known.repository.storedBytes, 14'000'000'000);
        QCOMPARE(known.fits, true);

        const QByteArray size = R"("safetensors": {"total": 7000000000, "parameters": {"BF16": 7000000000}})";
        QCOMPARE(judged(size, 3'000'000'000).fits, false);
        QCOMPARE(judged(size, 4'000'000'000).fits, std::nullopt);  // the weights alone would, the rest perhaps not
        QCOMPARE(judged(size, 0).fits, std::nullopt);
        QCOMPARE(judged(size).supported, std::nullopt);

        const FoundModel other = judged(R"("config": {"model_type": "unheard_of"}, "pipeline_tag": "text-generation")");
        QCOMPARE(other.supported, false);
        QVERIFY(other.unsupportedReason.contains(QStringLiteral("unheard_of")));
        QCOMPARE(judged(R"("config": {"model_type": "llava"}, "pipeline_tag": "image-text-to-text")").supported, std::nullopt);
        QCOMPARE(judged(R"("tags": ["gguf"])").supported, false);
        QCOMPARE(judged(R"("tags": ["gguf", "safetensors"], "config": {"model_type": "llama"})").supported, true);
        // Packed by somebody else's method: neither its parameters, what it takes here nor whether it is read can be told.
        const FoundModel packed =
            judged(R"("config": {"model_type": "llama", "quantization_config": {"quant_method": "gptq"}}, )"
                   R"("safetensors": {"total": 1000000000, "parameters": {"I32": 1000000000}})");
        QCOMPARE(packed.supported, std::nullopt);
        QVERIFY(packed.params.isEmpty());
        QCOMPARE(packed.repository.storedBytes, 4'000'000'000);
        QVERIFY(packed.weightBytes.isEmpty() && !packed.fits);
        const FoundModel own =
            judged(R"("config": {"model_type": "llama", "quantization_config": {"quant_method": "bitsandbytes"}}, )"
                   R"("safetensors": {"total": 4000000000, "parameters": {"U8": 4000000000}})");
        QCOMPARE(own.weightBytes[Scheme::NF4], 4'000'000'000);
        QCOMPARE(own.fits, true);
        QCOMPARE(judged(R"("cardData": {"license": "other", "license_name": "own"})").repository.license,
                 QStringLiteral("own"));
    }
};

QTEST_GUILESS_MAIN(SearchTest)
#include "search_test.moc"
