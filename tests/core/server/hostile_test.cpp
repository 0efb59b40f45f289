// Repositories and folders that ended or held up the program, posted to a real server: each gets an answer, and the server goes
// on.
#include "server_rig.h"
#include "tests/support/hub_fixture.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

#include <sys/stat.h>
#include <memory>
#include <vector>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

QByteArray llama(const QByteArray &more) {
    return R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 320, "hidden_size": 64, )"
           R"("num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96, )" +
           more + "}";
}

QByteArray safetensors(const QByteArray &header) {
    QByteArray length;
    for (int i = 0; i < 8; ++i) length += char(header.size() >> (8 * i) & 0xff);
    return length + header;
}

/// A pickle of tuples in tuples, two hundred thousand deep.
QByteArray nestedPickle() {
    QByteArray pickle = "\x80\x02]q";
    pickle += '\0';
    for (int i = 0; i < 200'000; ++i) pickle += "h" + QByteArray(1, '\0') + "\x85" + "q" + QByteArray(1, '\0');
    return pickle + ".";
}

}  // namespace

class HostileTest : public QObject {
    Q_OBJECT

    std::unique_ptr<ServerRig> m_rig;
    QTemporaryDir *m_folder = nullptr;
    std::vector<std::unique_ptr<QTemporaryDir>> m_folders;  // all of them: the Hub serves old content from where it lay

    JsonAnswer addLocal(const QString &quantization = u"FP16"_s) {
        return m_rig->ask("POST", "/api/models",
                          {{u"source"_s, u"local"_s}, {u"local_path"_s, m_folder->path()}, {u"quantization"_s, quantization}});
    }
    void isAlive() {
        const JsonAnswer health = m_rig->ask("GET", "/api/health");
        QCOMPARE(health.status, 200);
    }
    void newFolder() { m_folder = m_folders.emplace_back(std::make_unique<QTemporaryDir>()).get(); }
    /// The folder of a real small model, with its tokenizer.
    void copySample() {
        const QDir from(QStringLiteral(MILLM_SAMPLE_MODEL));
        for (const QString &name : from.entryList(QDir::Files))
            QVERIFY(QFile::copy(from.filePath(name), m_folder->filePath(name)));
        for (const QString &name : QDir(m_folder->path()).entryList(QDir::Files))
            QFile::setPermissions(m_folder->filePath(name), QFile::ReadOwner | QFile::WriteOwner);
    }

private Q_SLOTS:
    void initTestCase() { m_rig = std::make_unique<ServerRig>(); }
    void init() {
        newFolder();
        writeLlama(m_folder->path());
    }
    void cleanup() { isAlive(); }

    void files_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("words");
        const auto config = [](const char *name, const QByteArray &content, const QString &words) {
            QTest::newRow(name) << u"config.json"_s << content << words;
        };
        config("method that is null", llama("\"quantization_config\": {\"quant_method\": null}"), u"lacks \"quant_method\""_s);
        config("method that is a number", llama("\"quantization_config\": {\"quant_method\": 5}"), u"\"quant_method\" is 5"_s);
        config("deep lists", llama("\"x\": " + QByteArray(200'000, '[')), u"nests deeper than 200"_s);
        config("deep objects", llama("\"x\": " + QByteArray("{\"x\":").repeated(200'000)), u"nests deeper than 200"_s);
        config("deep and whole", llama("\"head_dim\": " + QByteArray(150'000, '[') + QByteArray(150'000, ']')),
               u"nests deeper than 200"_s);
        config("number past double", llama("\"vocab_size\": 1e400"), u"\"vocab_size\" is 1e400"_s);
        config("number past 64 bits", llama("\"vocab_size\": 123456789012345678901234567890"), u"\"vocab_size\""_s);
        config("negative size", llama("\"head_dim\": -9223372036854775808"), u"\"head_dim\""_s);
        config("fraction", llama("\"head_dim\": 16.0"), u"\"head_dim\" is 16.0"_s);
        config("sizes past counting", llama("\"head_dim\": 268435456"), u"beyond any model"_s);
        config("text where a list is", llama("\"rope_scaling\": \"yes\""), u"\"rope_scaling\""_s);
        config("no UTF-8", llama("\"\xff\": 1"), u"not UTF-8"_s);
        config("list", "[]", u"a JSON object is needed"_s);
        config("reward model", llama("\"architectures\": [\"LlamaRewardModel\"]"), u"neither writes text"_s);
        const auto weights = [](const char *name, const QByteArray &content, const QString &words) {
            QTest::newRow(name) << u"model.safetensors"_s << content << words;
        };
        weights("deep header", safetensors("{\"a\":" + QByteArray(200'000, '[')), u"nests deeper than 3"_s);
        weights("wide shape", safetensors(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})"),
                u"2^63"_s);
        weights("offsets past 64 bits", safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e400]}})"),
                u"1e400"_s);
        weights("header of many values",
                safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[" + QByteArray("1,").repeated(5'000'000) +
                            "1],\"data_offsets\":[0,4]}}"),
                u"more than 4000000 values"_s);
        QTest::newRow("plain pickle") << u"pytorch_model.bin"_s << nestedPickle() << u"torch file"_s;
    }
    /// From a local folder, and by way of a Hub.
    void files() {
        QFETCH(const QString, file);
        QFETCH(const QByteArray, content);
        QFETCH(const QString, words);
        if (file == "pytorch_model.bin"_L1) QVERIFY(QFile::remove(m_folder->filePath("model.safetensors")));
        writeFile(m_folder->filePath(file), content);
        const JsonAnswer local = addLocal();
        QVERIFY2(local.status == 400 || local.status == 422, local.raw.body.left(500).constData());
        QVERIFY2(QString::fromUtf8(local.raw.body).contains(QString(words).replace(u'"', u"\\\""_s)),
                 local.raw.body.left(500).constData());
        isAlive();
        m_rig->hub.addRepository(u"acme/hostile"_s, m_folder->path());
        const JsonAnswer preview = m_rig->ask("POST", "/api/models/preview", {{u"repo_id"_s, u"acme/hostile"_s}});
        QVERIFY2(preview.status < 500, preview.raw.body.left(500).constData());
        if (file == "pytorch_model.bin"_L1) return;  // a Hub's .bin is only read when it is there
        const JsonAnswer hub =
            m_rig->ask("POST", "/api/models",
                       {{u"source"_s, u"huggingface"_s}, {u"repo_id"_s, u"acme/hostile"_s}, {u"quantization"_s, u"Q4"_s}});
        QVERIFY2(hub.status == 422, hub.raw.body.left(500).constData());
    }

    void noRegularFile_data() {
        QTest::addColumn<QString>("file");
        for (const char *file : {"model.safetensors", "config.json", "model.safetensors.index.json"})
            QTest::newRow(file) << QString::fromLatin1(file);
    }
    /// A named pipe would hold up the thread that opens it, and with it every later request and the end of the program.
    void noRegularFile() {
        QFETCH(const QString, file);
        const QString path = m_folder->filePath(file);
        QFile::remove(path);
        if (file.endsWith("index.json"_L1)) QFile::remove(m_folder->filePath("model.safetensors"));
        QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
        const JsonAnswer answer = addLocal();
        QVERIFY2(answer.status == 400 || answer.status == 422, answer.raw.body.constData());
        QVERIFY(QFile::remove(path));
        QVERIFY(QFile::link(u"/dev/zero"_s, path));
        const JsonAnswer device = addLocal();
        QVERIFY2(device.status == 400 || device.status == 422, device.raw.body.constData());
    }

    void whatIsReadAtLoading_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<bool>("loads");
        const auto row = [](const char *name, const char *file, const QByteArray &content, bool loads) {
            QTest::newRow(name) << QString::fromLatin1(file) << content << loads;
        };
        row("deep tokenizer", "tokenizer.json", QByteArray("{\"model\":").repeated(200'000), false);
        row("tokenizer of another type", "tokenizer.json", R"({"version": 5, "model": null})", false);
        row("deep tokenizer_config", "tokenizer_config.json", QByteArray(200'000, '['), false);
        row("deep special tokens", "special_tokens_map.json", "{\"a\":" + QByteArray(200'000, '['), false);
        row("absurd generation_config", "generation_config.json", "{\"eos_token_id\": [1e400, null, {}, -5, \"x\"]}", true);
        row("deep generation_config", "generation_config.json", QByteArray(200'000, '['), true);
        row("absurd ids of added tokens", "added_tokens.json", "{\"<a>\": 1e400, \"<b>\": -1, \"<c>\": null}", true);
    }
    void whatIsReadAtLoading() {
        QFETCH(const QString, file);
        QFETCH(const QByteArray, content);
        QFETCH(const bool, loads);
        newFolder();
        copySample();
        writeFile(m_folder->filePath(file), content);
        const JsonAnswer added = addLocal();
        QCOMPARE(added.status, 201);
        const QByteArray path = "/api/models/" + QByteArray::number(added.data().toObject().value("id"_L1).toInteger());
        const JsonAnswer loaded = m_rig->ask("POST", path + "/load?wait=true", {{u"force"_s, true}});
        QVERIFY2((loaded.status == 200) == loads, loaded.raw.body.constData());
        if (loads) QCOMPARE(m_rig->ask("POST", path + "/unload?wait=true").status, 200);
        QCOMPARE(m_rig->ask("DELETE", path).status, 200);
    }
};

QTEST_GUILESS_MAIN(HostileTest)
#include "hostile_test.moc"
