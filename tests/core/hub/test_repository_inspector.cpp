// What a repository is, asked over real sockets.
#include "core/engine/memory_footprint.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace millm;
using namespace millm::testing;

namespace {

const QString tiny = QStringLiteral("acme/tiny-llama");

QStringList pathsOf(const QList<HubFile> &list) {
    QStringList paths;
    for (const HubFile &each : list) paths.append(each.path);
    return paths;
}

}  // namespace

class TestRepositoryInspector : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    std::unique_ptr<RepositoryInspector> m_inspector;

    void serve(const LlamaSpec &spec = {}) {
        m_folder = std::make_unique<QTemporaryDir>();
        writeLlama(m_folder->path(), spec);
        m_hub->addRepository(tiny, m_folder->path());
    }
    Result<RepositoryPlan> inspect(const QString &id = tiny, const QString &token = {}) {
        return answer(m_inspector->inspect(id, token));
    }

private Q_SLOTS:
    void init() {
        m_hub = std::make_unique<HubEmulator>();
        m_client = std::make_unique<HubClient>(hubSettings(*m_hub));
        m_client->setTiming(quickTiming());
        m_inspector = std::make_unique<RepositoryInspector>(*m_client);
    }
    void cleanup() {
        m_inspector.reset();
        m_client.reset();
        QCOMPARE(m_hub->leaks(), 0);
    }

    void oneFile() {
        serve();
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->repoId, tiny);
        QCOMPARE(plan->commit.size(), 40);
        QCOMPARE(plan->license, QStringLiteral("apache-2.0"));
        QCOMPARE(plan->config, readFile(m_folder->filePath("config.json")));
        QVERIFY2(plan->decoder, qPrintable(plan->unsupportedReason));
        QCOMPARE(int(plan->decoder->depth()), 2);
        QVERIFY(plan->unsupportedReason.isEmpty());
        QVERIFY(!plan->requiresRemoteCode);
        QCOMPARE(pathsOf(plan->weights), QStringList{"model.safetensors"});
        QCOMPARE(pathsOf(plan->others), (QStringList{"README.md", "config.json", "generation_config.json", "tokenizer.json"}));
        QCOMPARE(plan->tensors.size(), 21);
        qint64 elements = 0;
        for (const auto &tensor : plan->tensors) elements += tensor.elements();
        QCOMPARE(plan->storedElements, elements);
        QCOMPARE(qint64(engine::parameter_count(*plan->decoder, plan->tensors)), elements);
        // Only headers were read of the weights.
        for (const HubLogEntry &entry : m_hub->log()) {
            if (entry.listener == LocalHub::Listener::Cdn) QVERIFY(!entry.range.isEmpty());
        }
    }

    void shards() {
        serve({.layers = 8, .shards = 7});
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->weights.size(), 7);
        QCOMPARE(plan->tensors.size(), 8 * 9 + 3);
        QVERIFY(pathsOf(plan->others).contains("model.safetensors.index.json"));
        QVERIFY(plan->decoder && plan->unsupportedReason.isEmpty());
    }

    void aBurstOfTrouble() {
        // Four headers are asked for at once: all fail twice, which is what tries are for.
        serve({.layers = 8, .shards = 7});
        m_hub->addFault(
            {.spoil = faults::status(503), .path = "resolve.*model-", .listener = LocalHub::Listener::Hub, .count = 8});
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->weights.size(), 7);
    }

    void longHeader() {
        serve({.hidden = 16, .intermediate = 16, .layers = 400});
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QCOMPARE(plan->tensors.size(), 400 * 9 + 3);
        QVERIFY(m_hub->count("xet-bridge") >= 2);
    }

    void realCheckpoint() {
        m_hub->addRepository(tiny, QStringLiteral(MILLM_FIXTURES "/models/gpt2"));
        const auto plan = inspect("https://huggingface.co/acme/tiny-llama/tree/main");
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY2(plan->decoder, qPrintable(plan->unsupportedReason));
        QCOMPARE(plan->architecture, QStringLiteral("GPT2LMHeadModel"));
        QVERIFY(!plan->tensors.empty());
    }

    void gated() {
        serve();
        HubAccess terms;
        terms.gated = "auto";
        terms.grants = {"hf_granted"};
        m_hub->setAccess(tiny, terms);
        m_hub->addToken("hf_granted");
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(plan->gated);
        QVERIFY(plan->closed);
        QVERIFY(plan->tensors.empty());
        QVERIFY(plan->unsupportedReason.isEmpty());
        QCOMPARE(plan->modelType, QStringLiteral("llama"));
        QCOMPARE(plan->architecture, QStringLiteral("LlamaForCausalLM"));
        QVERIFY(plan->storedElements > 0);
        QVERIFY(plan->downloadBytes() > 0);
        QCOMPARE(int(answer(m_inspector->checkAccess(*plan, {})).error().code), int(ErrorCode::GatedModelNoToken));
        const auto open = inspect(tiny, "hf_granted");
        QVERIFY(open->gated);
        QVERIFY(!open->closed);
        QVERIFY(open->decoder);
        QVERIFY(answer(m_inspector->checkAccess(*open, "hf_granted")));
        QCOMPARE(int(inspect(tiny, "hf_wrong").error().code), int(ErrorCode::InvalidHfToken));
    }

    void unsupported() {
        serve();
        writeFile(m_folder->filePath("config.json"),
                  R"({"model_type": "quux", "architectures": ["QuuxModel"], "auto_map": {"AutoModel": "modeling.Quux"}})");
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY(plan);
        QVERIFY(!plan->decoder);
        QVERIFY(plan->requiresRemoteCode);
        QVERIFY(plan->unsupportedReason.contains("quux"));
    }

    void nativeDespiteCode() {
        serve();
        QByteArray config = readFile(m_folder->filePath("config.json"));
        config.replace("{\n", "{\n\"auto_map\": {\"AutoModelForCausalLM\": \"modeling.X\"},\n");
        writeFile(m_folder->filePath("config.json"), config);
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY(plan && plan->decoder);
        QVERIFY(!plan->requiresRemoteCode);
    }

    void onlyGguf() {
        m_folder = std::make_unique<QTemporaryDir>();
        writeFile(m_folder->filePath("model.gguf"), "GGUF");
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY(plan);
        QVERIFY(plan->unsupportedReason.contains("GGUF"));
    }

    void brokenWeights() {
        serve();
        QByteArray weights = readFile(m_folder->filePath("model.safetensors"));
        weights[8] = '[';
        writeFile(m_folder->filePath("model.safetensors"), weights);
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY(plan);
        QVERIFY(plan->unsupportedReason.contains("model.safetensors"));
    }

    void weightsThatAreNotTheDecoders_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QString>("reason");  // empty: supported
        QTest::newRow("a layer is missing") << "num_hidden_layers" << QJsonValue(3) << "model.layers.2.input_layernorm.weight";
        QTest::newRow("another shape") << "vocab_size" << QJsonValue(65) << "[64, 64], config.json asks for [65, 64]";
        QTest::newRow("biases are missing") << "attention_bias" << QJsonValue(true) << "self_attn.q_proj.bias";
        QTest::newRow("a layer too many") << "num_hidden_layers" << QJsonValue(1) << "";
        QTest::newRow("a head of its own") << "tie_word_embeddings" << QJsonValue(true) << "";
    }
    void weightsThatAreNotTheDecoders() {
        QFETCH(QString, key);
        QFETCH(QJsonValue, value);
        QFETCH(QString, reason);
        for (const int shards : {1, 2}) {
            serve({.shards = shards});
            QJsonObject config = QJsonDocument::fromJson(readFile(m_folder->filePath("config.json"))).object();
            config.insert(key, value);
            writeFile(m_folder->filePath("config.json"), QJsonDocument(config).toJson());
            m_hub->addRepository(tiny, m_folder->path());
            const auto plan = inspect();
            QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
            QVERIFY(plan->decoder);
            QCOMPARE(plan->unsupportedReason.isEmpty(), reason.isEmpty());
            QVERIFY2(plan->unsupportedReason.contains(reason), qPrintable(plan->unsupportedReason));
        }
    }

    void noHead() {
        m_folder = std::make_unique<QTemporaryDir>();
        const QString source = QStringLiteral(MILLM_FIXTURES "/models/llama_tied_mha/");
        QVERIFY(QFile::copy(source + "model.safetensors", m_folder->filePath("model.safetensors")));
        QJsonObject config = QJsonDocument::fromJson(readFile(source + "config.json")).object();
        config.insert("tie_word_embeddings", false);
        writeFile(m_folder->filePath("config.json"), QJsonDocument(config).toJson());
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY2(plan->unsupportedReason.contains("\"lm_head.weight\""), qPrintable(plan->unsupportedReason));
    }

    void lfsPointers() {
        const QByteArray pointer =
            "version https://git-lfs.github.com/spec/v1\noid sha256:" + QByteArray(64, 'a') + "\nsize 5\n";
        serve();
        writeFile(m_folder->filePath("model.safetensors"), pointer);
        m_hub->addRepository(tiny, m_folder->path());
        auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY2(plan->unsupportedReason.contains("git-lfs pointer"), qPrintable(plan->unsupportedReason));
        QVERIFY(plan->unsupportedReason.contains("model.safetensors"));
        serve();
        writeFile(m_folder->filePath("config.json"), pointer);
        m_hub->addRepository(tiny, m_folder->path());
        plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY2(plan->unsupportedReason.contains("git-lfs pointer"), qPrintable(plan->unsupportedReason));
        QVERIFY(plan->unsupportedReason.contains("config.json"));
    }

    void byteThatFlipsOnTheWay() {
        serve();
        // The header's first byte, once: the second look sees what the repository holds.
        m_hub->addFault({.spoil = faults::flip(0.0000001), .listener = LocalHub::Listener::Cdn});
        const auto plan = inspect();
        QVERIFY(plan);
        QVERIFY2(plan->unsupportedReason.isEmpty(), qPrintable(plan->unsupportedReason));
        QCOMPARE(plan->tensors.size(), 21);
        m_hub->addFault({.spoil = faults::flip(0.0000001), .listener = LocalHub::Listener::Cdn, .count = 2});
        QVERIFY(inspect()->unsupportedReason.contains("is broken"));
    }

    void configThatEndedTheProgram_data() {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("words");
        const auto llama = [](const QByteArray &more) { return "{\"model_type\": \"llama\", " + more; };
        QTest::addRow("null") << llama("\"quantization_config\": {\"quant_method\": null}}") << "lacks \"quant_method\"";
        QTest::addRow("number") << llama("\"quantization_config\": {\"quant_method\": 5}}") << "\"quant_method\" is 5";
        QTest::addRow("deep") << llama("\"x\": " + QByteArray(200'000, '[')) << "nests deeper than 200";
        QTest::addRow("type") << QByteArray("{\"model_type\": [[]]}") << "\"model_type\" is a list of 1, not a text";
        QTest::addRow("huge") << llama("\"vocab_size\": 1e400}") << "\"vocab_size\" is 1e400";
        QTest::addRow("list") << QByteArray("[]") << "a JSON object is needed";
        QTest::addRow("bytes") << QByteArray("{\"\xff\": 1}") << "not UTF-8";
    }
    void configThatEndedTheProgram() {
        QFETCH(const QByteArray, config);
        QFETCH(const QString, words);
        m_folder = std::make_unique<QTemporaryDir>();
        writeLlama(m_folder->path());
        QFile file(m_folder->filePath("config.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(config);
        file.close();
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY(plan);
        QVERIFY2(plan->unsupportedReason.contains(words), qPrintable(plan->unsupportedReason));
    }

    void wholeFileBesideAStaleIndex() {
        serve();
        writeFile(m_folder->filePath("model.safetensors.index.json"),
                  R"({"weight_map": {"lm_head.weight": "model-00002-of-00002.safetensors"}})");
        m_hub->addRepository(tiny, m_folder->path());
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY2(plan->unsupportedReason.isEmpty(), qPrintable(plan->unsupportedReason));
        QCOMPARE(pathsOf(plan->weights), QStringList{"model.safetensors"});
        QVERIFY(!pathsOf(plan->others).contains("model.safetensors.index.json"));
        // Without the whole file the index counts, and what it names is not there: the repository's fault, not the line's.
        QFile::rename(m_folder->filePath("model.safetensors"), m_folder->filePath("model-00001-of-00002.safetensors"));
        m_hub->addRepository(tiny, m_folder->path());
        const auto lost = inspect();
        QVERIFY(!lost);
        QCOMPARE(int(lost.error().code), int(ErrorCode::UnsupportedModel));
        QVERIFY(lost.error().message.contains("model-00002-of-00002.safetensors"));
    }

    void hostileIndex() {
        serve({.shards = 2});
        QByteArray index = readFile(m_folder->filePath("model.safetensors.index.json"));
        index.replace("model-00001-of-00002", "../../model-00001-of-00002");
        writeFile(m_folder->filePath("model.safetensors.index.json"), index);
        m_hub->addRepository(tiny, m_folder->path());
        QVERIFY(!inspect());
    }

    void hostileNames_data() {
        QTest::addColumn<QString>("name");
        for (const char *name : {"../evil.json", "/etc/evil", "C:\\evil.json", "README.MD ", "tokenizer.model\x01"})
            QTest::newRow(name) << QString::fromUtf8(name);
        QTest::newRow("very long") << QString(300, QLatin1Char('a')) + ".model";
        QTest::newRow("case clash") << QStringLiteral("LICENSE-a");
    }
    void hostileNames() {
        QFETCH(QString, name);
        serve();
        if (name == "LICENSE-a") {
            m_hub->addFault(
                {.spoil = faults::then(faults::listFile("LICENSE-a"), faults::listFile("LICENSE-A")), .path = "/tree/"});
        } else {
            m_hub->addFault({.spoil = faults::listFile(name), .path = "/tree/"});
        }
        const auto plan = inspect();
        // Either the repository is refused, or the name is not among what would be fetched.
        if (plan) QVERIFY(!pathsOf(plan->others).contains(name));
        if (name.contains(QStringLiteral("..")) || name.startsWith('/') || name.startsWith("C:") || name == "LICENSE-a")
            QVERIFY(!plan);
    }

    void changedUnderway() {
        serve();
        m_hub->addFault({.spoil = faults::flip(0.5), .path = "resolve-cache.*config.json"});
        QVERIFY(!inspect());  // its checksum is wrong
        m_hub->addFault({.spoil = faults::shortBody(3), .path = "resolve-cache.*config.json"});
        QVERIFY(!inspect());
    }

    void trouble() {
        serve();
        m_hub->addFault({.spoil = faults::status(503), .count = 2});
        m_hub->addFault({.spoil = faults::hangUp(), .listener = LocalHub::Listener::Cdn, .count = 2});
        m_hub->addFault({.spoil = faults::expired(), .listener = LocalHub::Listener::Cdn});
        const auto plan = inspect();
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(!plan->tensors.empty());
    }

    void errors_() {
        QCOMPARE(int(inspect("acme/none").error().code), int(ErrorCode::RepoNotFound));
        QCOMPARE(int(inspect("none").error().code), int(ErrorCode::InvalidRepoId));
        QCOMPARE(int(inspect("a/../b").error().code), int(ErrorCode::InvalidRepoId));
        m_hub->addFault({.spoil = faults::hangUp(), .count = -1});
        const auto lost = inspect();
        QCOMPARE(int(lost.error().code), int(ErrorCode::ModelDownloadFailed));
        QVERIFY(lost.error().message.contains("Please check connection and try again."));
    }

    void manyAtOnce() {
        serve({.shards = 3});
        QList<QFuture<Result<RepositoryPlan>>> all;
        for (int i = 0; i < 8; ++i) all.append(m_inspector->inspect(tiny, {}));
        for (const auto &future : all) QVERIFY(answer(future));
    }

    void goesAway() {
        serve();
        auto future = m_inspector->inspect(tiny, {});
        m_inspector.reset();
        QVERIFY(wait(future));
        QVERIFY(future.isCanceled());
    }
};

QTEST_GUILESS_MAIN(TestRepositoryInspector)
#include "test_repository_inspector.moc"
