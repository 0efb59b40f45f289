#include "tests/support/hub_emulator.h"
#include "tests/support/hub_fixture.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

const QString fixtures = QStringLiteral(MILLM_FIXTURES "/models/");
const QString tiny = u"acme/tiny-llama"_s;

using Variables = QList<std::pair<QString, QString>>;

/// How a run of the program ended.
struct Ended {
    int status = -1;
    QByteArray out, err;

    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
    /// The value behind a name of the table.
    QString line(const QString &name) const {
        for (const QString &line : QString::fromUtf8(out).split(u'\n'))
            if (line.startsWith(name + u' ')) return line.sliced(name.size()).trimmed();
        return {};
    }
};

}  // namespace

/// `millm inspect`: the real program, on folders and against a Hub of one's own.
class TestInspect : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home, m_folder;
    std::unique_ptr<HubEmulator> m_hub;

    QProcessEnvironment environment(const Variables &more) const {
        QProcessEnvironment environment;
        environment.insert(u"PATH"_s, qEnvironmentVariable("PATH"));
        environment.insert(u"LANG"_s, u"C.UTF-8"_s);
        for (const QString &name : QProcessEnvironment::systemEnvironment().keys())
            if (name.endsWith(u"SAN_OPTIONS")) environment.insert(name, qEnvironmentVariable(name.toLatin1().constData()));
        environment.insert(u"HOME"_s, m_home->path());
        environment.insert(u"HF_ENDPOINT"_s, m_hub->endpoint().toString());
        for (const auto &[name, value] : more) environment.insert(name, value);
        return environment;
    }

    Ended inspect(const QStringList &arguments, const Variables &more = {}) const {
        QProcess program;
        program.setProcessEnvironment(environment(more));
        program.setWorkingDirectory(m_home->path());
        program.start(QStringLiteral(MILLM_PROGRAM), QStringList{u"inspect"_s} + arguments);
        if (!program.waitForFinished(120000) || program.exitStatus() != QProcess::NormalExit) qFatal("inspect does not end");
        return {program.exitCode(), program.readAllStandardOutput(), program.readAllStandardError()};
    }

    /// A folder like a fixture's, with another config.json.
    QString odd(const QJsonObject &changes) const {
        for (const QString &name : QDir(fixtures + u"llama"_s).entryList(QDir::Files))
            QFile::copy(fixtures + u"llama/"_s + name, m_folder->filePath(name));
        QJsonObject config = QJsonDocument::fromJson(readFile(fixtures + u"llama/config.json"_s)).object();
        for (auto change = changes.begin(); change != changes.end(); ++change) config.insert(change.key(), change.value());
        QFile::remove(m_folder->filePath(u"config.json"_s));
        writeFile(m_folder->filePath(u"config.json"_s), QJsonDocument(config).toJson());
        return m_folder->path();
    }

private Q_SLOTS:
    void init() {
        m_home = std::make_unique<QTemporaryDir>();
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<HubEmulator>();
    }
    void cleanup() {
        QCOMPARE(m_hub->leaks(), 0);
        // Nothing is kept: no data directory, no lock, no database.
        QCOMPARE(filesBelow(m_home->path()), QStringList());
    }

    void aFolder() {
        const Ended table = inspect({fixtures + u"llama_bf16"_s});
        QVERIFY2(table.status == 0, table.err);
        QCOMPARE(table.err, QByteArray());
        QCOMPARE(table.line(u"Folder"_s), fixtures + u"llama_bf16"_s);
        QCOMPARE(table.line(u"Model type"_s), u"llama"_s);
        QCOMPARE(table.line(u"Architecture"_s), u"LlamaForCausalLM"_s);
        QVERIFY(table.line(u"Stored as"_s).startsWith(u"BF16 ("));
        QCOMPARE(table.line(u"Supported"_s), u"yes"_s);
        for (const char *scheme : {"Q4", "Q8", "FP16"}) QVERIFY(!table.line(QString::fromLatin1(scheme)).isEmpty());
        QVERIFY(m_hub->log().isEmpty());

        const QJsonObject json = inspect({fixtures + u"llama_bf16"_s, u"--json"_s}).json();
        QCOMPARE(json.value("source"_L1), u"local"_s);
        QCOMPARE(json.value("local_path"_L1), fixtures + u"llama_bf16"_s);
        QVERIFY(json.value("repo_id"_L1).isNull());
        QVERIFY(json.value("supported"_L1).toBool());
        QVERIFY(json.value("unsupported_code"_L1).isNull());
        QVERIFY(json.value("parameters"_L1).toInteger() > 0);
        QVERIFY(json.value("context_length"_L1).toInteger() > 0);
        QCOMPARE(json.value("stored_types"_L1).toArray().first().toObject().value("dtype"_L1), u"BF16"_s);
        QVERIFY(json.value("kv_cache"_L1).toObject().value("bytes_per_token"_L1).toInteger() > 0);
        QCOMPARE(json.value("estimated_sizes"_L1).toObject().keys(), (QStringList{u"FP16"_s, u"Q4"_s, u"Q8"_s}));
        QCOMPARE(json.value("download_size_mb"_L1).toInteger(-1), 0);
        QVERIFY(json.value("disk_size_mb"_L1).toInteger() >= 1);
        QCOMPARE(json.value("chat_templates"_L1), QJsonArray());
    }

    void foldersOfOtherForms() {
        for (const char *name :
             {"llama_bin", "llama_bin_sharded", "gpt2", "qwen3_moe", "lfm2", "deepseek_v3", "llama_chat_tiny"}) {
            const Ended ended = inspect({fixtures + QString::fromLatin1(name), u"--json"_s});
            QVERIFY2(ended.status == 0, ended.err + ended.out);
            QVERIFY(ended.json().value("parameters"_L1).toInteger() > 0);
            QVERIFY(!ended.json().value("stored_types"_L1).toArray().isEmpty());
        }
        // States of one size are told apart from what grows.
        const QJsonObject state = inspect({fixtures + u"lfm2"_s, u"--json"_s}).json().value("kv_cache"_L1).toObject();
        QVERIFY(state.value("fixed_bytes"_L1).toInteger() > 0);
    }

    /// A path may be relative, and a folder that is there comes before a repository of that name.
    void relativeFolders() {
        QVERIFY(QDir(m_home->path()).mkpath(u"acme"_s));
        QVERIFY(QFile::link(fixtures + u"gpt2"_s, m_home->filePath(u"acme/tiny-llama"_s)));
        for (const QString &path : {u"./acme/tiny-llama"_s, u"acme/tiny-llama"_s, u"~/acme/tiny-llama"_s})
            QCOMPARE(inspect({path, u"--json"_s}).json().value("model_type"_L1), u"gpt2"_s);
        QVERIFY(QFile::remove(m_home->filePath(u"acme/tiny-llama"_s)));
    }

    void aRepository() {
        writeLlama(m_folder->path(), {.shards = 2});
        m_hub->addRepository(tiny, m_folder->path());
        const Ended table = inspect({u"https://huggingface.co/acme/tiny-llama"_s});
        QVERIFY2(table.status == 0, table.err);
        QCOMPARE(table.line(u"Repository"_s), tiny);
        QCOMPARE(table.line(u"License"_s), u"apache-2.0"_s);
        QCOMPARE(table.line(u"Access"_s), u"open"_s);
        QCOMPARE(table.line(u"Tokenizer"_s), u"tokenizer.json"_s);
        QVERIFY(table.line(u"Files"_s).endsWith(u"to download"));
        // Weights stay where they are: their headers are read, by range.
        for (const HubLogEntry &entry : m_hub->log())
            if (entry.listener == LocalHub::Listener::Cdn) QVERIFY(!entry.range.isEmpty());
    }

    /// One judgement: what the verb prints is what the server answers.
    void tellsWhatThePreviewTells() {
        m_hub->addRepository(tiny, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub->addRepository(u"acme/odd"_s, odd({{u"attention_twist"_s, 3}}));
        const QTemporaryDir data;
        QProcess server;
        server.setProcessEnvironment(environment({}));
        server.setWorkingDirectory(data.path());
        server.start(QStringLiteral(MILLM_PROGRAM), {u"serve"_s, u"--port"_s, u"0"_s, u"--data-dir"_s, data.path()});
        const auto listens = [&] { return server.canReadLine() || server.state() == QProcess::NotRunning; };
        QVERIFY(QTest::qWaitFor(listens, 60000));
        const QString line = QString::fromUtf8(server.readLine()).trimmed();
        QVERIFY2(line.startsWith(u"Listening on http"), server.readAllStandardError());
        QNetworkAccessManager network;
        for (const QString &id : {tiny, u"acme/odd"_s}) {
            QNetworkRequest request(QUrl(line.section(u' ', -1) + u"/api/models/preview"_s));
            request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
            QNetworkReply *reply =
                network.post(request, QJsonDocument(QJsonObject{{u"repo_id"_s, id}}).toJson(QJsonDocument::Compact));
            QVERIFY(QTest::qWaitFor([&] { return reply->isFinished(); }, 60000));
            const QJsonObject answered = QJsonDocument::fromJson(reply->readAll()).object().value("data"_L1).toObject();
            QVERIFY(!answered.isEmpty());
            QCOMPARE(inspect({id, u"--json"_s}).json(), answered);
        }
        server.terminate();
        QVERIFY(server.waitForFinished(60000));
    }

    void notSupported_data() {
        QTest::addColumn<QJsonObject>("changes");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("field");
        const QJsonObject code{{u"AutoModelForCausalLM"_s, u"modeling.Strange"_s}};
        QTest::newRow("type") << QJsonObject{{u"model_type"_s, u"strange"_s}} << u"UNSUPPORTED_MODEL"_s << u"model_type"_s;
        QTest::newRow("code") << QJsonObject{{u"model_type"_s, u"strange"_s}, {u"auto_map"_s, code}}
                              << u"REMOTE_CODE_REQUIRED"_s << u"model_type"_s;
        QTest::newRow("field") << QJsonObject{{u"attention_twist"_s, 3}} << u"UNSUPPORTED_MODEL"_s << u"attention_twist"_s;
        QTest::newRow("value") << QJsonObject{{u"hidden_act"_s, u"mish"_s}} << u"UNSUPPORTED_MODEL"_s << u"hidden_act"_s;
        QTest::newRow("absurd") << QJsonObject{{u"vocab_size"_s, u"many"_s}} << u"UNSUPPORTED_MODEL"_s << u"vocab_size"_s;
        QTest::newRow("weights") << QJsonObject{{u"num_hidden_layers"_s, 9}} << u"UNSUPPORTED_MODEL"_s << QString();
    }
    void notSupported() {
        QFETCH(QJsonObject, changes);
        QFETCH(QString, code);
        QFETCH(QString, field);
        const QString folder = odd(changes);
        m_hub->addRepository(tiny, folder);
        for (const QString &target : {folder, tiny}) {
            const Ended table = inspect({target});
            QVERIFY2(table.status == 3, table.err + table.out);
            QCOMPARE(table.err, QByteArray());
            QVERIFY2(table.line(u"Supported"_s).startsWith(u"no: "), table.out);
            QVERIFY2(table.line(u"Supported"_s).contains(code), table.out);
            const Ended ended = inspect({target, u"--json"_s});
            QCOMPARE(ended.status, 3);
            const QJsonObject json = ended.json();
            QVERIFY(!json.value("supported"_L1).toBool(true));
            QVERIFY(!json.value("unsupported_reason"_L1).toString().isEmpty());
            QCOMPARE(json.value("unsupported_code"_L1).toString(), code);
            QCOMPARE(json.value("unsupported_field"_L1).toString(), field);
            // What the files tell nevertheless.
            QVERIFY(json.value("parameters"_L1).toInteger() > 0);
            QCOMPARE(json.value("stored_types"_L1).toArray().size(), 1);
            QVERIFY(!json.value("model_type"_L1).toString().isEmpty());
        }
    }

    void brokenWeights() {
        QByteArray weights = readFile(odd({}) + u"/model.safetensors"_s);
        QFile::remove(m_folder->filePath(u"model.safetensors"_s));
        weights[8] = '[';
        writeFile(m_folder->filePath(u"model.safetensors"_s), weights);
        const Ended ended = inspect({m_folder->path()});
        QCOMPARE(ended.status, 3);
        QVERIFY2(ended.line(u"Supported"_s).contains(u"model.safetensors"), ended.out);
    }

    void whatIsNotThere_data() {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("code");
        QTest::newRow("folder") << u"/nowhere/at/all"_s << u"INVALID_LOCAL_PATH"_s;
        QTest::newRow("folder without a model") << u"."_s << u"INVALID_LOCAL_PATH"_s;
        QTest::newRow("repository") << u"acme/nothing"_s << u"REPO_NOT_FOUND"_s;
        QTest::newRow("no repository's name") << u"nothing"_s << u"INVALID_REPO_ID"_s;
    }
    void whatIsNotThere() {
        QFETCH(QString, target);
        QFETCH(QString, code);
        for (const QStringList &more : {QStringList(), QStringList{u"--json"_s}}) {
            const Ended ended = inspect(QStringList{target} + more);
            QCOMPARE(ended.status, 1);
            QCOMPARE(ended.out, QByteArray());
            QVERIFY2(ended.err.startsWith("millm: ") && ended.err.contains('(' + code.toLatin1() + ')'), ended.err);
        }
    }

    void gated() {
        writeLlama(m_folder->path());
        m_hub->addRepository(tiny, m_folder->path());
        HubAccess terms;
        terms.gated = u"manual"_s;
        terms.grants = {"hf_granted"};
        m_hub->setAccess(tiny, terms);
        m_hub->addToken("hf_granted");
        m_hub->addToken("hf_other");
        const Ended without = inspect({tiny});
        QCOMPARE(without.status, 1);
        QVERIFY2(without.err.contains("(GATED_MODEL_NO_TOKEN)"), without.err);
        // What the Hub tells everybody.
        QCOMPARE(without.line(u"License"_s), u"apache-2.0"_s);
        QCOMPARE(without.line(u"Model type"_s), u"llama"_s);
        QVERIFY(without.line(u"Access"_s).startsWith(u"gated"));
        const Ended other = inspect({tiny, u"--json"_s}, {{u"HF_TOKEN"_s, u"hf_other"_s}});
        QCOMPARE(other.status, 1);
        QVERIFY2(other.err.contains("(INVALID_HF_TOKEN)") && !other.err.contains("hf_other"), other.err);
        QVERIFY(!other.json().value("files_readable"_L1).toBool(true));
        const Ended granted = inspect({tiny, u"--json"_s}, {{u"HF_TOKEN"_s, u"hf_granted"_s}});
        QVERIFY2(granted.status == 0, granted.err);
        QVERIFY(granted.json().value("is_gated"_L1).toBool() && granted.json().value("files_readable"_L1).toBool());
    }

    void offline() {
        const Variables off{{u"HF_HUB_OFFLINE"_s, u"1"_s}};
        m_hub->addRepository(tiny, QStringLiteral(MILLM_SAMPLE_MODEL));
        const Ended missing = inspect({tiny}, off);
        QCOMPARE(missing.status, 1);
        QVERIFY2(missing.err.contains("HF_HUB_OFFLINE") && missing.err.contains("(MODEL_DOWNLOAD_FAILED)"), missing.err);
        writeHubCache(m_folder->path(), tiny, QStringLiteral(MILLM_SAMPLE_MODEL));
        const Variables cached = off + Variables{{u"HF_HUB_CACHE"_s, m_folder->path()}};
        const Ended found = inspect({tiny, u"--json"_s}, cached);
        QVERIFY2(found.status == 0, found.err);
        QCOMPARE(found.json().value("download_size_mb"_L1).toInteger(-1), 0);
        QVERIFY(inspect({tiny}, cached).line(u"Files"_s).endsWith(u"all of it on this machine"));
        QVERIFY(m_hub->log().isEmpty());
    }

    void tokenizersAndTemplates() {
        const QString folder = odd({});
        const auto told = [&] {
            m_hub->addRepository(tiny, folder);
            const QJsonObject json = inspect({folder, u"--json"_s}).json(), fromHub = inspect({tiny, u"--json"_s}).json();
            for (const auto key : {"tokenizer"_L1, "chat_templates"_L1}) {
                if (json.value(key) != fromHub.value(key)) qFatal("the folder and the repository differ in %s", key.data());
            }
            return json;
        };
        for (const char *name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
                                 "merges.txt", "tokenizer.model", "chat_template.jinja"})
            QFile::remove(folder + u'/' + QString::fromLatin1(name));
        QVERIFY(told().value("tokenizer"_L1).isNull());
        writeFile(folder + u"/tokenizer.model"_s, "x");
        writeFile(
            folder + u"/tokenizer_config.json"_s,
            R"({"tokenizer_class": "LlamaTokenizerFast", "chat_template": [{"name": "tool_use", "template": "a"}, {"name": "default", "template": "b"}]})");
        QJsonObject json = told();
        QCOMPARE(json.value("tokenizer"_L1).toObject(), (QJsonObject{{u"kind"_s, u"sentencepiece"_s},
                                                                     {u"files"_s, QJsonArray{u"tokenizer.model"_s}},
                                                                     {u"class"_s, u"LlamaTokenizer"_s}}));
        QCOMPARE(json.value("chat_templates"_L1).toArray(), (QJsonArray{u"default"_s, u"tool_use"_s}));
        writeFile(folder + u"/additional_chat_templates/rag.jinja"_s, "c");
        writeFile(folder + u"/chat_template.jinja"_s, "d");
        writeFile(folder + u"/tokenizer.json"_s, "{}");
        json = told();
        QCOMPARE(json.value("tokenizer"_L1).toObject().value("kind"_L1), u"tokenizer_json"_s);
        QCOMPARE(json.value("chat_templates"_L1).toArray(), (QJsonArray{u"default"_s, u"rag"_s}));
        QCOMPARE(inspect({folder}).line(u"Chat template"_s), u"yes: default, rag"_s);
        QDir(folder + u"/additional_chat_templates"_s).removeRecursively();
        QFile::remove(folder + u"/chat_template.jinja"_s);
        writeFile(folder + u"/tokenizer_config.json"_s, "{\"chat_template\": 5}");
        QVERIFY(told().value("chat_templates"_L1).isNull());
        writeFile(folder + u"/tokenizer_config.json"_s, "{}");
        writeFile(folder + u"/chat_template.json"_s, R"({"chat_template": "e"})");
        QCOMPARE(told().value("chat_templates"_L1).toArray(), QJsonArray{u"default"_s});
    }

    /// Words of a repository reach a terminal, where they could be orders.
    void noOrdersToTheTerminal() {
        const QString folder = odd({});
        writeFile(folder + u"/tokenizer.json"_s, "{}");
        writeFile(folder + u"/tokenizer_config.json"_s, "{\"tokenizer_class\": \"\\u001b[31mRed\\u0007\\u009b2J\"}");
        const Ended ended = inspect({folder});
        QCOMPARE(ended.status, 0);
        QVERIFY2(ended.line(u"Tokenizer"_s).contains(u"?[31mRed??2J"), ended.out);
        QVERIFY(!ended.out.contains('\x1b') && !ended.out.contains('\x07') && !ended.out.contains("\xc2\x9b"));
    }

    void theEngineStaysOut() {
        const QString log = m_folder->filePath(u"loaded"_s);
        m_hub->addRepository(tiny, QStringLiteral(MILLM_SAMPLE_MODEL));
        for (const QString &target : {fixtures + u"llama"_s, tiny})
            QCOMPARE(inspect({target}, {{u"LD_DEBUG"_s, u"files"_s}, {u"LD_DEBUG_OUTPUT"_s, log}}).status, 0);
        QByteArray loaded;
        for (const QString &name : filesBelow(m_folder->path())) loaded += readFile(m_folder->filePath(name));
        QVERIFY(loaded.contains("libQt6Core"));
        QVERIFY(!loaded.contains("libtorch") && !loaded.contains("libmillm_engine"));
    }

    void wrongCalls() {
        QCOMPARE(inspect({}).status, 2);
        QCOMPARE(inspect({u"a/b"_s, u"c/d"_s}).status, 2);
        const Ended wrong = inspect({u"a/b"_s}, {{u"HF_ENDPOINT"_s, u"nowhere"_s}});
        QCOMPARE(wrong.status, 2);
        QVERIFY(wrong.err.contains("HF_ENDPOINT"));
        // It listens to nobody, so an address that would need a key is none of its business.
        QCOMPARE(inspect({fixtures + u"llama"_s}, {{u"MILLM_HOST"_s, u"0.0.0.0"_s}}).status, 0);
    }
};

QTEST_GUILESS_MAIN(TestInspect)
#include "test_inspect.moc"
