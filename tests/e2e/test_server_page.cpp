#include "app/services.h"
#include "app/window.h"
#include "tests/core/server/raw_client.h"
#include "tests/e2e/window_driver.h"
#include "tests/support/patience.h"
#include "tests/support/test_settings.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSettings>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

/// The pages of the server and the settings over the real server: what is clicked is what clients meet.
class TestServerPage : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// One run of the program, with a settings file of its own.
    struct Run {
        Settings settings;
        ServiceThread services;
        Window window;
        WindowDriver driver;

        Run(const Settings &wanted, const WindowOptions &options)
            : settings(wanted), services(settings), window(settings, options, services), driver(*window.root()) {
            window.root()->resize(1280, 1400);
            (void)QTest::qWaitForWindowExposed(window.root(), 60000);
        }
        void page(int index) { window.root()->setProperty("page", index); }
        quint16 port() const { return quint16(QUrl(driver.text(u"server-address"_s)).port(0)); }
    };

    Settings settings(const QString &name) const { return settingsIn(m_folder.filePath(name)); }
    QString file(const QString &name) const { return m_folder.filePath(name + u"/millm.conf"_s); }
    QVariant kept(const QString &name, const QString &key) const {
        return QSettings(file(name), QSettings::IniFormat).value(key);
    }

    static int status(quint16 port, const QByteArray &path, const QByteArray &headers = {}) {
        RawClient client(port);
        return client.isConnected() ? client.ask(request("GET", path, headers)).status : 0;
    }
    static QByteArray json(const QJsonObject &object) { return QJsonDocument(object).toJson(QJsonDocument::Compact); }

private Q_SLOTS:
    /// A start on an occupied port is mended in the window: no restart of the program.
    void occupiedPort() {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        Settings taken = settings(u"occupied"_s);
        taken.port = other.serverPort();
        Run run(taken, {.settingsFile = file(u"occupied"_s)});
        QTRY_VERIFY_WITH_TIMEOUT(run.driver.one(u"server-trouble"_s), 60000);
        QVERIFY(run.driver.click(u"server-trouble-btn"_s));
        QTRY_VERIFY(run.driver.text(u"server-failure"_s).contains(QString::number(other.serverPort())));
        // The next ports may be taken too.
        for (int tries = 0; tries < 50 && run.driver.one(u"server-failure"_s); ++tries) {
            const QString failure = run.driver.text(u"server-failure"_s);
            QVERIFY(run.driver.click(u"server-failure-btn"_s));
            QTRY_VERIFY(run.driver.text(u"server-failure"_s) != failure);
        }
        QTRY_VERIFY(run.port() > other.serverPort());
        QCOMPARE(status(run.port(), "/api/health"), 200);
        QTRY_COMPARE(kept(u"occupied"_s, u"port"_s).toInt(), int(run.port()));
        QTRY_COMPARE(run.driver.text(u"server-state"_s), u"Serving"_s);
    }
    /// Another port and a key, with a model loaded and a client at work; then the client is stopped.
    void restartsAroundTheModel() {
        Run run(settings(u"restart"_s), {.settingsFile = file(u"restart"_s)});
        run.page(2);
        QTRY_VERIFY_WITH_TIMEOUT(run.port() > 0, 60000);
        const quint16 before = run.port();
        RawClient manager(before);
        QCOMPARE(manager
                     .ask(jsonRequest("POST", "/api/models",
                                      json({{u"source"_s, u"local"_s},
                                            {u"local_path"_s, QStringLiteral(MILLM_SAMPLE_MODEL)},
                                            {u"quantization"_s, u"FP16"_s},
                                            {u"custom_name"_s, u"sample"_s}})))
                     .status,
                 201);
        QCOMPARE(manager.ask(jsonRequest("POST", "/api/models/1/load?wait=true", json({{u"force"_s, true}}))).status, 200);
        QTRY_COMPARE(run.driver.text(u"status-bar-model"_s), u"sample"_s);

        const auto many = [](int choices) {
            return json({{u"model"_s, u"sample"_s},
                         {u"prompt"_s, u"Once"_s},
                         {u"n"_s, choices},
                         {u"max_tokens"_s, 500},
                         {u"min_tokens"_s, 500},
                         {u"stream"_s, true}});
        };
        RawClient reader(before);
        reader.send(jsonRequest("POST", "/v1/completions", many(48)));
        QTRY_VERIFY_WITH_TIMEOUT(run.driver.one(u"stop-request-btn"_s), 60000);

        QTcpServer finder;
        QVERIFY(finder.listen(QHostAddress::LocalHost));
        const quint16 after = finder.serverPort();
        finder.close();
        QVERIFY(run.driver.type(u"port-input"_s, QString::number(after)));
        QVERIFY(run.driver.type(u"key-input"_s, u"top-secret"_s));
        QVERIFY(run.driver.click(u"restart-btn"_s));
        QTRY_COMPARE_WITH_TIMEOUT(run.port(), after, 60000);
        QCOMPARE(status(after, "/v1/models"), 401);
        QCOMPARE(status(after, "/v1/models", "Authorization: Bearer top-secret\r\n"), 200);
        QCOMPARE(status(before, "/v1/models"), 0);
        QCOMPARE(run.driver.text(u"status-bar-model"_s), u"sample"_s);
        QCOMPARE(kept(u"restart"_s, u"port"_s).toInt(), int(after));
        QCOMPARE(kept(u"restart"_s, u"api-key"_s).toString(), u"top-secret"_s);
        QVERIFY(!(QFile::permissions(file(u"restart"_s)) & (QFile::ReadGroup | QFile::ReadOther)));

        // What was under way comes to its end at the old door.
        QVERIFY(reader.waitClosed());
        QVERIFY2(reader.rest().contains("data: [DONE]"), reader.rest().right(600).constData());
        QTRY_VERIFY_WITH_TIMEOUT(!run.driver.one(u"stop-request-btn"_s), 60000);
        RawClient stopped(after);
        stopped.send(jsonRequest("POST", "/v1/completions", many(128), "Authorization: Bearer top-secret\r\n"));
        QTRY_VERIFY_WITH_TIMEOUT(run.driver.one(u"stop-request-btn"_s), 60000);
        QMetaObject::invokeMethod(run.driver.one(u"stop-request-btn"_s), "click");
        QTRY_VERIFY_WITH_TIMEOUT(!run.driver.one(u"stop-request-btn"_s), 60000);
        QTRY_VERIFY_WITH_TIMEOUT(stopped.rest().contains("stopped by whoever runs this server"), 60000);
        // The list shows it and the refusal too.
        QStringList shown;
        for (const QQuickItem *item : run.driver.all(u"request-status"_s)) shown << item->property("text").toString();
        QTRY_VERIFY2(shown.contains(u"200"_s) && shown.contains(u"401"_s), qPrintable(shown.join(u' ')));
    }
    /// What is chosen takes effect, and stands in the file for the next start.
    void settingsTakeEffect() {
        Run run(settings(u"settings"_s),
                {.origins = {{u"threads"_s, {u"2"_s, u"MILLM_THREADS"_s}}}, .settingsFile = file(u"settings"_s)});
        run.page(3);
        QVERIFY(run.driver.one(u"setting-model-cache-dir"_s));
        QCOMPARE(run.driver.one(u"setting-model-cache-dir"_s)->property("placeholderText").toString(),
                 run.settings.modelCacheDir);
        const QString other = m_folder.filePath(u"other/models"_s);
        QVERIFY(run.driver.type(u"setting-model-cache-dir"_s, other));
        QTest::keyClick(run.window.root(), Qt::Key_Return);
        QTRY_COMPARE(kept(u"settings"_s, u"model-cache-dir"_s).toString(), other);
        QVERIFY(QFile::exists(other));
        QVERIFY(run.driver.type(u"setting-model-cache-dir"_s, u"/proc/nowhere"_s));
        QTest::keyClick(run.window.root(), Qt::Key_Return);
        QTRY_VERIFY(run.driver.one(u"setting-model-cache-dir"_s)->property("faulty").toBool());
        QCOMPARE(kept(u"settings"_s, u"model-cache-dir"_s).toString(), other);
        run.driver.one(u"setting-data-dir"_s)->forceActiveFocus(Qt::TabFocusReason);  // scrolls it into view
        // The database's folder waits for the next start, and must be one that can be written.
        QVERIFY(run.driver.type(u"setting-data-dir"_s, u"/proc/nowhere"_s));
        QTest::keyClick(run.window.root(), Qt::Key_Return);
        QTRY_VERIFY(run.driver.one(u"setting-data-dir"_s)->property("faulty").toBool());
        QVERIFY(kept(u"settings"_s, u"data-dir"_s).toString().isEmpty());
        const QString data = m_folder.filePath(u"other/data"_s);
        QVERIFY(run.driver.type(u"setting-data-dir"_s, data));
        QTest::keyClick(run.window.root(), Qt::Key_Return);
        QTRY_COMPARE(kept(u"settings"_s, u"data-dir"_s).toString(), data);
        QVERIFY(!run.driver.one(u"setting-threads"_s)->isEnabled());
        QVERIFY(run.driver.text(u"set-by-threads"_s).contains(u"MILLM_THREADS"_s));
    }
};

QTEST_MAIN(TestServerPage)
#include "test_server_page.moc"
