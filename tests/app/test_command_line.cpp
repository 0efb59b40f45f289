#include "app/command_line.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// What the program understands of its call: options, environment, settings file and defaults, first that is set.
class TestCommandLine : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

    Surroundings around() const {
        Surroundings surroundings;
        surroundings.settingsFile = m_home.filePath(QStringLiteral("millm.conf"));
        surroundings.dataDirectory = m_home.filePath(QStringLiteral("share/millm"));
        surroundings.homeDirectory = m_home.path();
        surroundings.programDirectory = m_home.filePath(QStringLiteral("bin"));
        surroundings.workingDirectory = m_home.path();
        return surroundings;
    }
    static Outcome<Invocation, Exit> parse(const Surroundings &surroundings, const QStringList &arguments) {
        return parseCommandLine(QStringList{QStringLiteral("millm")} + arguments, surroundings);
    }

private Q_SLOTS:
    void cleanup() { QFile::remove(m_home.filePath(QStringLiteral("millm.conf"))); }

    void defaultsListenOnLoopbackOnly() {
        const auto parsed = parse(around(), {});
        QVERIFY(parsed.ok());
        const Settings &settings = parsed->settings;
        QCOMPARE(parsed->verb, Invocation::Verb::Window);
        QCOMPARE(settings.host, QStringLiteral("127.0.0.1"));
        QCOMPARE(settings.port, quint16(8000));
        QCOMPARE(settings.modelCacheDir, m_home.filePath(QStringLiteral("share/millm/models")));
        QCOMPARE(settings.databaseUrl, QStringLiteral("sqlite://") + m_home.filePath(QStringLiteral("share/millm/millm.db")));
        QCOMPARE(settings.hfHubCache, m_home.filePath(QStringLiteral(".cache/huggingface/hub")));
        QVERIFY(settings.hfToken.isEmpty());
        QVERIFY(!settings.hfEndpoint.isEmpty());
    }

    /// The window names what overrides the settings file.
    void whoSaidIt() {
        Surroundings surroundings = around();
        QFile file(surroundings.settingsFile);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("port=1001\ndevice=cpu\nthreads=3\n");
        file.close();
        surroundings.environment.insert(QStringLiteral("MILLM_PORT"), QStringLiteral("1002"));
        surroundings.environment.insert(QStringLiteral("HF_ENDPOINT"), QStringLiteral("http://mirror.example"));
        const auto parsed = parse(surroundings, {QStringLiteral("--threads"), QStringLiteral("2")});
        QVERIFY(parsed.ok());
        const SettingOrigins &origins = parsed->origins;
        QCOMPARE(origins.size(), 4);
        QCOMPARE(origins.value(QStringLiteral("port")).setBy, QStringLiteral("MILLM_PORT"));
        QCOMPARE(origins.value(QStringLiteral("port")).value, QStringLiteral("1002"));
        QCOMPARE(origins.value(QStringLiteral("threads")).setBy, QStringLiteral("--threads"));
        QCOMPARE(origins.value(QStringLiteral("HF_ENDPOINT")).setBy, QStringLiteral("HF_ENDPOINT"));
        QCOMPARE(origins.value(QStringLiteral("device")).value, QStringLiteral("cpu"));
        QCOMPARE(origins.value(QStringLiteral("device")).setBy, QString());
        QCOMPARE(parsed->settingsFile, surroundings.settingsFile);
    }
    void oneSettingIsApplied() {
        Settings settings;
        QCOMPARE(applySetting(QStringLiteral("port"), QStringLiteral(" 8100 "), settings), QString());
        QCOMPARE(settings.port, quint16(8100));
        QVERIFY(!applySetting(QStringLiteral("port"), QStringLiteral("eighty"), settings).isEmpty());
        QCOMPARE(settings.port, quint16(8100));
        QCOMPARE(applySetting(QStringLiteral("quantization"), QStringLiteral("Q8"), settings), QString());
        QCOMPARE(settings.quantization, QStringLiteral("Q8"));
        QVERIFY(applySetting(QStringLiteral("quantization"), QStringLiteral("Q5"), settings).contains(QStringLiteral("FP16")));
        QVERIFY(!applySetting(QStringLiteral("scale"), QStringLiteral("20"), settings).isEmpty());
        QCOMPARE(applySetting(QStringLiteral("MILLM_LOAD_ON_DEMAND"), QStringLiteral("yes"), settings), QString());
        QVERIFY(settings.loadOnDemand);
        QVERIFY(!applySetting(QStringLiteral("nothing"), QStringLiteral("1"), settings).isEmpty());
    }

    void firstThatIsSetWins() {
        Surroundings surroundings = around();
        QFile file(surroundings.settingsFile);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            "port=1001\nmodel-cache-dir=/from/file\ndevice=cpu\nMILLM_CORS_ORIGINS=http://a.example, http://b.example\n");
        file.close();
        surroundings.environment.insert(QStringLiteral("MILLM_PORT"), QStringLiteral("1002"));
        surroundings.environment.insert(QStringLiteral("MODEL_CACHE_DIR"), QStringLiteral("/from/environment"));
        const auto parsed = parse(surroundings, {QStringLiteral("serve"), QStringLiteral("--port"), QStringLiteral("1003")});
        QVERIFY(parsed.ok());
        QCOMPARE(parsed->verb, Invocation::Verb::Serve);
        QCOMPARE(parsed->settings.port, quint16(1003));
        QCOMPARE(parsed->settings.modelCacheDir, QStringLiteral("/from/environment"));
        QCOMPARE(parsed->settings.device, QStringLiteral("cpu"));
        QCOMPARE(parsed->settings.corsOrigins,
                 (QStringList{QStringLiteral("http://a.example"), QStringLiteral("http://b.example")}));
    }

    void inspectTakesATarget() {
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_HOST"), QStringLiteral("0.0.0.0"));
        surroundings.environment.insert(QStringLiteral("HF_TOKEN"), QStringLiteral("hf_secret"));
        const auto parsed = parse(surroundings, {QStringLiteral("inspect"), QStringLiteral("a/b"), QStringLiteral("--json")});
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().text));
        QCOMPARE(parsed->verb, Invocation::Verb::Inspect);
        QCOMPARE(parsed->inspect.target, QStringLiteral("a/b"));
        QVERIFY(parsed->inspect.json);
        QCOMPARE(parsed->settings.hfToken, QStringLiteral("hf_secret"));
    }

    void wrongCallsEndWithTwo_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("named");
        QTest::newRow("unknown option") << QStringList{QStringLiteral("--frobnicate")} << QStringLiteral("frobnicate");
        QTest::newRow("unknown verb") << QStringList{QStringLiteral("dance")} << QStringLiteral("dance");
        QTest::newRow("nothing to inspect")
            << QStringList{QStringLiteral("inspect")} << QStringLiteral("one folder or repository");
        QTest::newRow("two to inspect") << QStringList{QStringLiteral("inspect"), QStringLiteral("a/b"), QStringLiteral("c/d")}
                                        << QStringLiteral("one folder or repository");
        QTest::newRow("json of nothing") << QStringList{QStringLiteral("serve"), QStringLiteral("--json")}
                                         << QStringLiteral("--json");
        QTest::newRow("port") << QStringList{QStringLiteral("--port"), QStringLiteral("70000")} << QStringLiteral("70000");
        QTest::newRow("device") << QStringList{QStringLiteral("--device"), QStringLiteral("tpu")} << QStringLiteral("tpu");
        QTest::newRow("dtype") << QStringList{QStringLiteral("--dtype"), QStringLiteral("int3")} << QStringLiteral("int3");
        QTest::newRow("products") << QStringList{QStringLiteral("--products"), QStringLiteral("wild")}
                                  << QStringLiteral("wild");
        QTest::newRow("log level") << QStringList{QStringLiteral("--log-level"), QStringLiteral("loud")}
                                   << QStringLiteral("loud");
        QTest::newRow("alias") << QStringList{QStringLiteral("--alias"), QStringLiteral("gpt-4o")} << QStringLiteral("gpt-4o");
        QTest::newRow("alias twice") << QStringList{QStringLiteral("--alias"), QStringLiteral("a=b,a=c")}
                                     << QStringLiteral("'a'");
        QTest::newRow("idle time") << QStringList{QStringLiteral("--idle-unload"), QStringLiteral("-1")}
                                   << QStringLiteral("-1");
        QTest::newRow("certificate alone") << QStringList{QStringLiteral("--tls-certificate"), QStringLiteral("/a.pem")}
                                           << QStringLiteral("--tls-key");
        QTest::newRow("key alone") << QStringList{QStringLiteral("--tls-key"), QStringLiteral("/a.key")}
                                   << QStringLiteral("--tls-certificate");
        QTest::newRow("no key file") << QStringList{QStringLiteral("--api-key-file"), QStringLiteral("/nowhere/keys")}
                                     << QStringLiteral("there is no file /nowhere/keys");
        QTest::newRow("public address") << QStringList{QStringLiteral("--host"), QStringLiteral("0.0.0.0")}
                                        << QStringLiteral("API key");
    }
    void wrongCallsEndWithTwo() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, named);
        const auto parsed = parse(around(), arguments);
        QVERIFY(!parsed.ok());
        QCOMPARE(parsed.error().status, 2);
        QVERIFY2(parsed.error().text.contains(named), qPrintable(parsed.error().text));
    }

    void aPublicAddressNeedsAKey() {
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_API_KEY"), QStringLiteral("secret"));
        const auto parsed = parse(surroundings, {QStringLiteral("--host"), QStringLiteral("0.0.0.0")});
        QVERIFY(parsed.ok());
        QCOMPARE(parsed->settings.apiKeys.value(0).hash, apiKey({}, "secret").hash);
    }

    void aliasesComeOneByOneOrAsAList() {
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_ALIASES"), QStringLiteral("a=b, c = org/model "));
        const QMap<QString, QString> both{{QStringLiteral("a"), QStringLiteral("b")},
                                          {QStringLiteral("c"), QStringLiteral("org/model")}};
        QCOMPARE(parse(surroundings, {})->settings.aliases, both);
        const auto options =
            parse(around(), {QStringLiteral("--alias"), QStringLiteral("a=b"), QStringLiteral("--alias"),
                             QStringLiteral("c=org/model"), QStringLiteral("--idle-unload"), QStringLiteral("15")});
        QVERIFY(options.ok());
        QCOMPARE(options->settings.aliases, both);
        QCOMPARE(options->settings.idleUnloadMinutes, 15);
    }

    void keysComeOfOptionAndFile() {
        QFile file(m_home.filePath(QStringLiteral("keys")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("laptop:0123456789\n");
        file.close();
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_API_KEY_FILE"), QStringLiteral("~/keys"));
        surroundings.environment.insert(QStringLiteral("MILLM_API_KEY"), QStringLiteral("secret"));
        const auto parsed = parse(surroundings, {QStringLiteral("--host"), QStringLiteral("0.0.0.0")});
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().text));
        QStringList names;
        for (const ApiKey &key : parsed->settings.apiKeys) names += key.name;
        QCOMPARE(names, (QStringList{QStringLiteral("default"), QStringLiteral("laptop")}));
    }

    void hostsAreReadAsPeopleWriteThem() {
        for (const auto &[written, meant] :
             {std::pair("LocalHost", "localhost"), {"[::1]", "::1"}, {" 127.0.0.1 ", "127.0.0.1"}}) {
            const auto parsed = parse(around(), {QStringLiteral("--host"), QString::fromLatin1(written)});
            QVERIFY2(parsed.ok(), written);
            QCOMPARE(parsed->settings.host, QString::fromLatin1(meant));
        }
    }

    void helpAndVersionEndWithZero() {
        const auto version = parse(around(), {QStringLiteral("serve"), QStringLiteral("--version")});
        QVERIFY(!version.ok());
        QCOMPARE(version.error().status, 0);
        QVERIFY(version.error().text.startsWith(QStringLiteral("millm ")));
        const auto help = parse(around(), {QStringLiteral("--help")});
        QVERIFY(!help.ok());
        QCOMPARE(help.error().status, 0);
        for (const char *word :
             {"--model-cache-dir", "MODEL_CACHE_DIR", "HF_ENDPOINT", "AUTO_LOAD_MODEL", "serve", "inspect", "--json"}) {
            QVERIFY2(help.error().text.contains(QString::fromLatin1(word)), word);
        }
    }

    void theOfficialClientsTokenFileIsRead() {
        QDir(m_home.path()).mkpath(QStringLiteral(".cache/huggingface"));
        QFile file(m_home.filePath(QStringLiteral(".cache/huggingface/token")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("hf_fromfile\n");
        file.close();
        QCOMPARE(parse(around(), {})->settings.hfToken, QStringLiteral("hf_fromfile"));
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("HF_TOKEN"), QStringLiteral("hf_fromenvironment"));
        QCOMPARE(parse(surroundings, {})->settings.hfToken, QStringLiteral("hf_fromenvironment"));
        // Neither the variable nor the file is sent without being asked to.
        surroundings.environment.insert(QStringLiteral("HF_HUB_DISABLE_IMPLICIT_TOKEN"), QStringLiteral("1"));
        QVERIFY(parse(surroundings, {})->settings.hfToken.isEmpty());
        surroundings.environment.remove(QStringLiteral("HF_TOKEN"));
        QVERIFY(parse(surroundings, {})->settings.hfToken.isEmpty());
        file.remove();
    }

    void pastedValuesAreTrimmed_data() {
        QTest::addColumn<QString>("around");
        for (const char16_t *blank : {u"\n", u"\r\n", u" \t", u"\u00a0", u"\u200b", u"\ufeff"}) {
            const QString text = QString::fromUtf16(blank);
            QTest::newRow(text.toUtf8().toHex().constData()) << text;
        }
    }
    void pastedValuesAreTrimmed() {
        QFETCH(QString, around);
        const auto pasted = [&](const char *value) { return around + QString::fromLatin1(value) + around; };
        Surroundings surroundings = this->around();
        surroundings.environment.insert(QStringLiteral("HF_TOKEN"), pasted("hf_pasted"));
        surroundings.environment.insert(QStringLiteral("MILLM_API_KEY"), pasted("secret"));
        surroundings.environment.insert(QStringLiteral("MILLM_PORT"), pasted("1001"));
        surroundings.environment.insert(QStringLiteral("HF_ENDPOINT"), pasted("http://127.0.0.1:9000/"));
        surroundings.environment.insert(QStringLiteral("AUTO_LOAD_MODEL"), pasted("llama"));
        surroundings.environment.insert(QStringLiteral("MILLM_CORS_ORIGINS"), pasted("https://a.example/, app://b"));
        const auto parsed = parse(surroundings, {});
        QVERIFY2(parsed.ok(), qPrintable(parsed ? QString() : parsed.error().text));
        QCOMPARE(parsed->settings.hfToken, QStringLiteral("hf_pasted"));
        QCOMPARE(parsed->settings.apiKeys.value(0).hash, apiKey({}, "secret").hash);
        QCOMPARE(parsed->settings.port, quint16(1001));
        QCOMPARE(parsed->settings.hfEndpoint, QUrl(QStringLiteral("http://127.0.0.1:9000")));
        QCOMPARE(parsed->settings.autoLoadModel, QStringLiteral("llama"));
        QCOMPARE(parsed->settings.corsOrigins, (QStringList{QStringLiteral("https://a.example/"), QStringLiteral("app://b")}));

        QDir(m_home.path()).mkpath(QStringLiteral(".cache/huggingface"));
        QFile file(m_home.filePath(QStringLiteral(".cache/huggingface/token")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(pasted("hf_fromfile").toUtf8());
        file.close();
        QCOMPARE(parse(this->around(), {})->settings.hfToken, QStringLiteral("hf_fromfile"));
        file.remove();
    }

    void bandwidthAndProxy() {
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_PROXY"), QStringLiteral("http://user:word@proxy.example:3128"));
        surroundings.environment.insert(QStringLiteral("MILLM_KEEP_IN_TRAY"), QStringLiteral("yes"));
        const auto parsed = parse(surroundings, {QStringLiteral("--download-limit"), QStringLiteral("2.5")});
        QVERIFY(parsed.ok());
        QCOMPARE(parsed->settings.downloadLimit, qint64(2'500'000));
        QCOMPARE(parsed->settings.proxy, QStringLiteral("http://user:word@proxy.example:3128"));
        QVERIFY(parsed->settings.keepInTray);
        // The window shows who said it, not the password.
        QCOMPARE(parsed->origins.value(QStringLiteral("proxy")).setBy, QStringLiteral("MILLM_PROXY"));
        QCOMPARE(parsed->origins.value(QStringLiteral("proxy")).value, QString());
        for (const char *limit : {"-1", "nan", "inf", "fast", "0.001", "100001"}) {
            const auto refused = parse(around(), {QStringLiteral("--download-limit=") + QString::fromUtf8(limit)});
            QVERIFY2(!refused.ok(), limit);
            QVERIFY2(refused.error().text.contains(QStringLiteral("MB a second")), qPrintable(refused.error().text));
        }
        const auto faulty = parse(around(), {QStringLiteral("--proxy"), QStringLiteral("ftp://u:secret@proxy.example")});
        QVERIFY(!faulty.ok());
        QVERIFY2(!faulty.error().text.contains(QStringLiteral("secret")), qPrintable(faulty.error().text));
    }
    void originsThatCouldNotMatchAreRefused() {
        for (const char *origin : {"*", "app.example", "https://app.example/chat", "https://*.example", "https://"}) {
            Surroundings surroundings = around();
            surroundings.environment.insert(QStringLiteral("MILLM_CORS_ORIGINS"), QString::fromLatin1(origin));
            const auto parsed = parse(surroundings, {});
            QVERIFY2(!parsed.ok(), origin);
            QVERIFY(parsed.error().text.contains(QStringLiteral("MILLM_CORS_ORIGINS")));
        }
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("MILLM_CORS_ORIGINS"), QStringLiteral("null,http://[::1]:5173"));
        QVERIFY(parse(surroundings, {}).ok());
    }

    void theEndpointLosesItsSlash() {
        Surroundings surroundings = around();
        surroundings.environment.insert(QStringLiteral("HF_ENDPOINT"), QStringLiteral("http://127.0.0.1:9000/"));
        QCOMPARE(parse(surroundings, {})->settings.hfEndpoint, QUrl(QStringLiteral("http://127.0.0.1:9000")));
        surroundings.environment.insert(QStringLiteral("HF_ENDPOINT"), QStringLiteral("ftp://hub.example"));
        QCOMPARE(parse(surroundings, {}).error().status, 2);
    }
};

QTEST_MAIN(TestCommandLine)
#include "test_command_line.moc"
