// The Hub client's rules that need no network: names, redirects, waits, paths, choices.
#include "core/hub/checksum.h"
#include "core/hub/circuit_breaker.h"
#include "core/hub/file_selection.h"
#include "core/hub/hub_client.h"
#include "core/hub/hub_json.h"
#include "core/hub/origin.h"
#include "core/hub/path_safety.h"
#include "core/hub/proxy.h"
#include "core/hub/rate_limit.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_fixture.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <QNetworkProxy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace millm::testing;

namespace {

HubFile file(const QString &path, qint64 size = 1000) {
    HubFile result;
    result.path = path;
    result.size = size;
    result.gitSha1 = QByteArray(20, 'x');
    return result;
}

QList<HubFile> files(const QStringList &paths) {
    QList<HubFile> list;
    for (const QString &path : paths) list.append(file(path));
    return list;
}

/// JSON written with ' for ".
QByteArray json(QByteArray text) {
    return text.replace('\'', '"');
}

QStringList pathsOf(const QList<HubFile> &list) {
    QStringList paths;
    for (const HubFile &each : list) paths.append(each.path);
    return paths;
}

}  // namespace

class TestHubRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void proxies_data() {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("expected");  // type host:port user:password
        const auto row = [](const char *setting, const char *url, const char *expected) {
            QTest::addRow("%s for %s", setting, url)
                << QString::fromUtf8(setting) << QString::fromUtf8(url) << QString::fromUtf8(expected);
        };
        row("none", "https://hub.example", "none");
        row("system", "https://hub.example", "http secure.example:8080 :");
        row("system", "http://hub.example", "http plain.example:80 :");
        row("system", "https://inner.example", "none");
        row("system", "https://sub.inner.example", "none");
        row("system", "http://127.0.0.1:9", "none");
        row("http://user:word@own.example:3128", "https://hub.example", "http own.example:3128 user:word");
        row("own.example:3128", "https://hub.example", "http own.example:3128 :");
        row("socks5://own.example", "https://inner.example", "socks own.example:1080 :");
        row("http://own.example:3128", "http://localhost:9", "none");
    }
    void proxies() {
        QFETCH(QString, setting);
        QFETCH(QString, url);
        QFETCH(QString, expected);
        for (const char *name : {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ALL_PROXY"}) qunsetenv(name);
        qputenv("HTTPS_PROXY", "http://secure.example:8080");
        qputenv("HTTP_PROXY", "plain.example");
        qputenv("NO_PROXY", "other.example, .inner.example");
        QCOMPARE(flawOfProxy(setting), QString());
        const QNetworkProxy proxy = proxiesOf(setting)->queryProxy(QNetworkProxyQuery(QUrl(url))).value(0);
        const QString type = proxy.type() == QNetworkProxy::NoProxy     ? QStringLiteral("none")
                             : proxy.type() == QNetworkProxy::HttpProxy ? QStringLiteral("http")
                                                                        : QStringLiteral("socks");
        const QString found = type == u"none" ? type
                                              : QStringLiteral("%1 %2:%3 %4:%5")
                                                    .arg(type, proxy.hostName())
                                                    .arg(proxy.port())
                                                    .arg(proxy.user(), proxy.password());
        QCOMPARE(found, expected);
        for (const char *name : {"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"}) qunsetenv(name);
    }
    void faultyProxies() {
        for (const char *setting : {"", "System", "ftp://own.example", "http://", "http://own.example/path",
                                    "http://own.example:0", "own example", "http://user:secret@own.example:99999"}) {
            const QString flaw = flawOfProxy(QString::fromUtf8(setting));
            QVERIFY2(!flaw.isEmpty(), setting);
            QVERIFY2(!flaw.contains(QStringLiteral("secret")), setting);
        }
    }
    void repositoryNames_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto good = [](const char *text, const char *expected) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(expected);
        };
        const auto bad = [](const QString &text) { QTest::newRow(qPrintable("bad: " + text.left(60))) << text << QString(); };
        good("google/gemma-2-2b", "google/gemma-2-2b");
        good("  google/gemma-2-2b \n", "google/gemma-2-2b");
        good("a/b", "a/b");
        good("a/b/", "a/b");
        good("\u00a0a/b//\r\n", "a/b");
        good("\ufeffa/\u200bb\u200e", "a/b");
        good("A_b.c/d.e-f", "A_b.c/d.e-f");
        good("https://huggingface.co/google/gemma-2-2b", "google/gemma-2-2b");
        good("https://huggingface.co/google/gemma-2-2b/tree/main", "google/gemma-2-2b");
        good("https://huggingface.co/google/gemma-2-2b/blob/main/config.json?x=1#L3", "google/gemma-2-2b");
        good("huggingface.co/google/gemma-2-2b/", "google/gemma-2-2b");
        good("hf.co/google/gemma-2-2b", "google/gemma-2-2b");
        good(QByteArray("a/" + QByteArray(96, 'n')).constData(), QByteArray("a/" + QByteArray(96, 'n')).constData());
        for (const char *text : {"",
                                 "gpt2",
                                 "a/b/c",
                                 "/a",
                                 "a/",
                                 "a//b",
                                 "a/..",
                                 "../a",
                                 "a/b..c",
                                 "a/b--c",
                                 "a--b/c",
                                 "a/b.git",
                                 "a/b.GIT",
                                 "-a/b",
                                 "a-/b",
                                 "a/.b",
                                 "a/b.",
                                 "a/b-",
                                 "a/b c",
                                 "a/b\u00e9",
                                 "a/b@main",
                                 "a\\b",
                                 "a/b?",
                                 "https://example.org/a/b",
                                 "ftp://huggingface.co/a/b",
                                 "https://huggingface.co/datasets/a/b",
                                 "https://huggingface.co/spaces/a/b",
                                 "https://huggingface.co/a",
                                 "a/%2e%2e"})
            bad(QString::fromUtf8(text));
        bad("a/" + QString(97, QLatin1Char('n')));
        bad(QString(97, QLatin1Char('n')) + "/a");
        bad("a/b" + QString(QChar(0)) + "c");
    }
    void repositoryNames() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto name = RepositoryInspector::normalise(text);
        if (expected.isEmpty()) {
            QVERIFY(!name);
            QCOMPARE(int(name.error().code), int(ErrorCode::InvalidRepoId));
        } else {
            QVERIFY2(name, name ? "" : qPrintable(name.error().message));
            QCOMPARE(*name, expected);
        }
    }

    void origins() {
        QVERIFY(sameOrigin(QUrl("https://a.org/x"), QUrl("https://A.org:443/y")));
        QVERIFY(!sameOrigin(QUrl("https://a.org"), QUrl("http://a.org")));
        QVERIFY(!sameOrigin(QUrl("https://a.org"), QUrl("https://a.org:444")));
        QVERIFY(!sameOrigin(QUrl("https://a.org"), QUrl("https://b.a.org")));
        QCOMPARE(redacted(QUrl("https://u:p@a.org/f?Signature=s#x")), QStringLiteral("https://a.org/f"));
    }

    void redirects() {
        RedirectTrail trail;
        const QUrl start("https://a.org/one");
        QCOMPARE(*trail.follow(start, "/two?x=%2F"), QUrl("https://a.org/two?x=%2F"));
        QCOMPARE(*trail.follow(start, "https://cdn.org/f?Signature=a%2Bb~c"), QUrl("https://cdn.org/f?Signature=a%2Bb~c"));
        QVERIFY(!trail.follow(start, "http://a.org/two"));
        QVERIFY(!trail.follow(start, "file:///etc/passwd"));
        QVERIFY(!trail.follow(start, ""));
        QVERIFY(!trail.follow(start, "http://"));
        QVERIFY(trail.follow(QUrl("http://127.0.0.1:1/a"), "http://127.0.0.1:2/b"));
    }

    void redirectBudgets() {
        RedirectTrail relative, absolute;
        const QUrl start("https://a.org/one");
        for (int i = 0; i < 5; ++i) {
            QVERIFY(relative.follow(start, "/next"));
            QVERIFY(absolute.follow(start, "https://b.org/next"));
        }
        QVERIFY(relative.follow(start, "https://b.org/next"));  // the other kind has its own budget
        QVERIFY(!relative.follow(start, "/next"));
        QVERIFY(!absolute.follow(start, "https://b.org/next"));
    }

    void pagesAndMirrors() {
        QCOMPARE(nextPage("<https://h.co/api/x?cursor=a,b>; rel=\"next\""), QUrl("https://h.co/api/x?cursor=a,b"));
        QCOMPARE(nextPage("<https://h.co/1>; rel=\"prev\", <https://h.co/2>; rel=\"next\""), QUrl("https://h.co/2"));
        QVERIFY(nextPage("<https://h.co/1>; rel=\"prev\"").isEmpty());
        QVERIFY(nextPage("").isEmpty());
        const QUrl mirror("https://mirror.org:8443/hub");
        QCOMPARE(throughMirror(QUrl("https://huggingface.co/api/models/a/b/tree/main?cursor=1"), mirror),
                 QUrl("https://mirror.org:8443/hub/api/models/a/b/tree/main?cursor=1"));
        QCOMPARE(throughMirror(QUrl("https://cdn.org/x"), mirror), QUrl("https://cdn.org/x"));
        QCOMPARE(throughMirror(QUrl("https://huggingface.co/x"), QUrl("https://huggingface.co")),
                 QUrl("https://huggingface.co/x"));
    }

    void waits() {
        // Measured by the server's own clock, wherever ours stands.
        const QByteArray date = "Fri, 30 Jan 2026 12:00:00 GMT";
        QCOMPARE(rateLimitWait("\"api\";r=0;t=12", "99", date), std::optional<qint64>(13000));
        QCOMPARE(rateLimitWait("\"api\";r=5;t=12", "2", date), std::optional<qint64>(3000));
        QCOMPARE(rateLimitWait("", "2", date), std::optional<qint64>(3000));
        QCOMPARE(rateLimitWait("", "Fri, 30 Jan 2026 12:00:30 GMT", date), std::optional<qint64>(31000));
        QCOMPARE(rateLimitWait("", "Fri, 30 Jan 2026 11:00:00 GMT", date), std::optional<qint64>(1000));
        QCOMPARE(rateLimitWait("", "Fri, 30 Jan 2026 12:00:30 GMT", "yesterday"), std::optional<qint64>(1000));
        QVERIFY(!rateLimitWait("", "soon", date));
        QVERIFY(!rateLimitWait("\"api\";r=5;t=12", "", date));
        QVERIFY(!rateLimitWait("nonsense", "-4", date));
    }

    void aBurstFailsOnce() {
        using std::chrono::milliseconds;
        const auto start = CircuitBreaker::Clock::now();
        CircuitBreaker breaker(3, milliseconds(1000));
        // Eight requests at once, and the first try again of each a moment later: that is two failures in a row.
        for (int i = 0; i < 8; ++i) breaker.failed(start, start + milliseconds(10 + i));
        for (int i = 0; i < 8; ++i) breaker.failed(start + milliseconds(20 + i), start + milliseconds(40 + i));
        QCOMPARE(breaker.admit(start + milliseconds(60)).count(), 0);
        breaker.failed(start + milliseconds(60), start + milliseconds(70));
        QVERIFY(breaker.admit(start + milliseconds(71)).count() > 0);
    }

    void pausesVary() {
        const HubTiming timing;
        QSet<qint64> seen;
        for (int i = 0; i < 50; ++i) {
            const auto pause = timing.pause(1);
            QVERIFY(pause >= timing.pauses[1] && pause <= timing.pauses[1] * 5 / 4);
            seen.insert(pause.count());
        }
        QVERIFY(seen.size() > 1);
    }

    void breaker() {
        using std::chrono::milliseconds;
        const auto start = CircuitBreaker::Clock::now();
        CircuitBreaker breaker(3, milliseconds(1000));
        const auto fail = [&](int ms) { breaker.failed(start + milliseconds(ms), start + milliseconds(ms)); };
        fail(-5);
        fail(-4);
        QCOMPARE(breaker.admit(start).count(), 0);
        breaker.succeeded();
        for (const int ms : {-3, -2, 0}) fail(ms);
        QCOMPARE(breaker.resting(start + milliseconds(300)).count(), 700);
        QCOMPARE(breaker.resting(start + milliseconds(1000)).count(), 0);  // asking is no probe
        QCOMPARE(breaker.admit(start + milliseconds(400)).count(), 600);
        QCOMPARE(breaker.admit(start + milliseconds(1000)).count(), 0);    // the probe
        QCOMPARE(breaker.admit(start + milliseconds(1001)).count(), 999);  // only one
        fail(1100);
        QCOMPARE(breaker.admit(start + milliseconds(1200)).count(), 900);
        breaker.succeeded();
        QCOMPARE(breaker.admit(start + milliseconds(1200)).count(), 0);
        QCOMPARE(breaker.resting(start + milliseconds(1200)).count(), 0);
    }

    void paths_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("safe");
        for (const char *path : {"a.json", "sub/dir/a.json", ".gitattributes", "a b.txt", "\u00e9\u4e2d.txt", "conx", "a..b"})
            QTest::newRow(path) << QString::fromUtf8(path) << true;
        for (const char *path :
             {"../x", "a/../x",  "..",     ".",  "a/./b", "/abs", "a//b", "a/",  "C:\\x", "C:x", "\\\\host\\x", "a\\b",
              "con",  "NUL.txt", "a/com1", "a.", "a ",    "a\tb", "a*b",  "a?b", "a\"b",  "a<b", "a|b",         ""})
            QTest::newRow(path) << QString::fromUtf8(path) << false;
        QTest::newRow("long") << QString(241, QLatin1Char('a')) << false;
        QTest::newRow("255 bytes") << QString(85, QChar(0x4e2d)) << true;
        QTest::newRow("258 bytes") << QString(86, QChar(0x4e2d)) << false;
        QTest::newRow("258 bytes below") << QStringLiteral("a/") + QString(86, QChar(0x4e2d)) << false;
        QTest::newRow("NUL") << QStringLiteral("a") + QChar(0) << false;
        QTest::newRow("broken UTF-8") << QString::fromUtf8("a\xff") << false;
    }
    void paths() {
        QFETCH(QString, path);
        QFETCH(bool, safe);
        QCOMPARE(unsafePath(path).isEmpty(), safe);
    }

    void selection() {
        const auto chosen = selectFiles(files({".gitattributes",
                                               "README.md",
                                               "LICENSE",
                                               "config.json",
                                               "generation_config.json",
                                               "tokenizer.json",
                                               "tokenizer.model",
                                               "qwen.tiktoken",
                                               "tekken.json",
                                               "merges.txt",
                                               "chat_template.jinja",
                                               "additional_chat_templates/tool_use.jinja",
                                               "model.safetensors",
                                               "model.fp16.safetensors",
                                               "pytorch_model.bin",
                                               "modeling_x.py",
                                               "onnx/model.onnx",
                                               "consolidated.safetensors",
                                               "original/params.json",
                                               "training_args.bin",
                                               "sub/config.json",
                                               "model.gguf",
                                               "picture.png"}));
        QVERIFY(chosen);
        QCOMPARE(pathsOf(chosen->weights), QStringList{"model.safetensors"});
        QCOMPARE(pathsOf(chosen->others),
                 (QStringList{"README.md", "LICENSE", "config.json", "generation_config.json", "tokenizer.json",
                              "tokenizer.model", "qwen.tiktoken", "tekken.json", "merges.txt", "chat_template.jinja",
                              "additional_chat_templates/tool_use.jinja"}));
    }

    void selectionOfAnEncoder() {
        const QStringList kept{
            "config.json",           "modules.json",        "sentence_bert_config.json", "config_sentence_transformers.json",
            "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "vocab.txt"};
        QStringList all = kept;
        all << "model.safetensors" << "2_Dense/other.safetensors" << "1_Pooling/notes.txt" << "deep/1_Pooling/config.json"
            << "openvino/config.json";
        const auto chosen = selectFiles(files(all));
        QVERIFY(chosen);
        QCOMPARE(pathsOf(chosen->weights), QStringList{"model.safetensors"});
        QCOMPARE(pathsOf(chosen->others), kept);
    }

    void selectionLeavesOutWhatNoDiskTakes() {
        const QString licence = QStringLiteral("LICENSE-") + QString(100, QChar(0x4e2d));
        const auto chosen = selectFiles(files({"config.json", "model.safetensors", licence}));
        QVERIFY(chosen);
        QCOMPARE(pathsOf(chosen->others), QStringList{"config.json"});
    }

    void selectionRefuses() {
        for (const char *name : {"../../evil.json", "/etc/evil", "C:\\evil", "a/../../b", "..\\evil"}) {
            const auto chosen = selectFiles(files({"config.json", "model.safetensors", QString::fromUtf8(name)}));
            QVERIFY2(!chosen, name);
            QVERIFY(!chosen.error().worthRetrying());
            QCOMPARE(int(chosen.error().error.code), int(ErrorCode::UnsupportedModel));
        }
        QVERIFY(!selectFiles(files({"config.json", "LICENSE-a", "LICENSE-A"})));
        QCOMPARE(caseClash({"a/B", "A/b"}), QStringLiteral("A/b"));
    }

    void indexes() {
        const QList<HubFile> tree = files({"model-1.safetensors", "model-2.safetensors", "other.safetensors"});
        const auto weights = weightsOfIndex(
            json("{'weight_map': {'a': 'model-2.safetensors', 'b': 'model-1.safetensors', 'c': 'model-2.safetensors'}}"), tree);
        QVERIFY2(weights, weights ? "" : qPrintable(weights.error().error.message));
        QCOMPARE(pathsOf(*weights), (QStringList{"model-1.safetensors", "model-2.safetensors"}));
        QVERIFY(!weightsOfIndex(json("{'weight_map': {'a': '../../x.safetensors'}}"), tree));
        const auto missing = weightsOfIndex(json("{'weight_map': {'a': 'missing.safetensors'}}"), tree);
        QVERIFY(!missing);
        QCOMPARE(int(missing.error().error.code), int(ErrorCode::UnsupportedModel));  // not the line's fault
        QVERIFY(missing.error().error.message.contains("missing.safetensors"));
        QVERIFY(!weightsOfIndex("{", tree));
        QVERIFY(!weightsOfIndex("{}", tree));
    }

    void trees() {
        const QByteArray sha(64, 'a'), oid(40, 'b');
        const auto good = filesOfTree(json("[{'type':'directory','oid':'x','size':0,'path':'onnx'},{'type':'file','oid':'" +
                                           oid + "','size':5,'path':'a.json'},{'type':'file','oid':'" + oid +
                                           "','size':135,'path':'m.safetensors','lfs':{'oid':'" + sha +
                                           "','size':4976698672,'pointerSize':135}}]"));
        QVERIFY(good);
        QCOMPARE(good->size(), 2);
        QCOMPARE((*good)[0].gitSha1, QByteArray::fromHex(oid));
        QCOMPARE((*good)[1].sha256, QByteArray::fromHex(sha));
        QCOMPARE((*good)[1].size, 4976698672);
        for (const char *bad : {"{}", "[{\"type\":\"file\"}]", "[{\"type\":\"link\",\"path\":\"a\"}]", "<html>", "[",
                                "[{\"type\":\"file\",\"path\":\"a\",\"oid\":\"zz\",\"size\":1}]",
                                "[{\"type\":\"file\",\"path\":\"a\",\"size\":-1}]"})
            QVERIFY2(!filesOfTree(bad), bad);
    }

    void infos() {
        const QByteArray start = json("{'id':'a/b','sha':'" + QByteArray(40, 'c') + "'");
        const auto info = [&](const QByteArray &more) {
            return repositoryInfo(QJsonDocument::fromJson(start + more + '}').object());
        };
        QVERIFY(info("") && !info("")->gated);
        QVERIFY(info(json(",'gated':'manual'"))->gated);
        QVERIFY(!info(json(",'gated':false"))->gated);
        QCOMPARE(info(json(",'cardData':{'license':'mit'}"))->license, QStringLiteral("mit"));
        QCOMPARE(info(json(",'cardData':{'license':['mit','apache-2.0']}"))->license, QStringLiteral("mit, apache-2.0"));
        QCOMPARE(info(json(",'cardData':{'license':'other','license_name':'gemma'}"))->license, QStringLiteral("gemma"));
        QCOMPARE(info(json(",'tags':['x','license:llama3.2']"))->license, QStringLiteral("llama3.2"));
        QCOMPARE(info(json(",'safetensors':{'total':8030261248}"))->storedElements, 8030261248);
        QVERIFY(!info(json(",'disabled':true")));
        QVERIFY(!repositoryInfo({{"id", "../x"}, {"sha", QString(40, 'c')}}));
        QVERIFY(!repositoryInfo({{"id", "a/b"}, {"sha", "main"}}));
    }

    void checksums() {
        const QTemporaryDir folder;
        const QString path = folder.filePath("hello");
        writeFile(path, "Hello, World!");
        HubFile small = file("hello", 13);
        small.gitSha1 = QByteArray::fromHex("b45ef6fec89518d314f546fd6c3025367b721684");
        QVERIFY(Checksum::verify(path, small));
        HubFile large = file("hello", 13);
        large.gitSha1.clear();
        large.sha256 = QCryptographicHash::hash("Hello, World!", QCryptographicHash::Sha256);
        QVERIFY(Checksum::verify(path, large));
        large.sha256[3] = char(~large.sha256[3]);
        QVERIFY(!Checksum::verify(path, large));
        small.size = 12;
        QVERIFY(!Checksum::verify(path, small));
        QVERIFY(!Checksum::verify(folder.filePath("missing"), small));
    }
};

QTEST_GUILESS_MAIN(TestHubRules)
#include "test_hub_rules.moc"
