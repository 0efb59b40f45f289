#include "tests/e2e/desktop.h"
#include "tests/support/small_disk.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using millm::testing::Desktop;
using millm::testing::SmallDisk;
using millm::testing::Spoken;

/// The program as it is, where nothing can be written to its data folder: it opens, says so and takes another folder.
class UnwritableDataTest : public QObject {
    Q_OBJECT

    static constexpr int patienceMs = 30000, startMs = 90000;

    static std::optional<Spoken> find(const Desktop &desktop, const QString &name) {
        for (const Spoken &each : desktop.all())
            if (each.name.startsWith(name)) return each;
        return {};
    }
    static bool sees(const Desktop &desktop, const QString &name, int withinMs = patienceMs) {
        return QTest::qWaitFor([&] { return find(desktop, name).has_value(); }, withinMs);
    }

private Q_SLOTS:
    void tellsAndTakesAnother_data() {
        QTest::addColumn<bool>("full");
        QTest::newRow("read-only") << false;
        QTest::newRow("full") << true;
    }
    void tellsAndTakesAnother() {
        QFETCH(bool, full);
        SmallDisk disk;
        if (!disk.isValid()) QSKIP(SmallDisk::needs);
        const QString there = disk.path() + u"/data"_s;
        QVERIFY(QDir().mkpath(there));
        full ? disk.fill() : disk.makeReadOnly();
        Desktop desktop;
        QVERIFY2(desktop.trouble().isEmpty(), qPrintable(desktop.trouble()));
        const QString config = desktop.environment().value(u"XDG_CONFIG_HOME"_s) + u"/millm"_s,
                      other = desktop.home() + u"/elsewhere"_s;
        QVERIFY(QDir().mkpath(config));
        QFile settings(config + u"/millm.conf"_s);
        QVERIFY(settings.open(QIODevice::WriteOnly));
        settings.write("data-dir=" + there.toUtf8() + '\n');
        settings.close();
        desktop.setDataFolder({});  // the settings say it

        QVERIFY2(desktop.start(), "the program has no window on the accessibility bus");
        const QString trouble = u"The data directory %1 cannot be written"_s.arg(there);
        QVERIFY(sees(desktop, trouble, startMs));
        QVERIFY(sees(desktop, u"Choose another folder…"_s));
        desktop.tree().press(find(desktop, u"Choose another folder…"_s)->reference);
        QTRY_COMPARE_WITH_TIMEOUT(desktop.focused().name, u"Folder of the database"_s, patienceMs);
        QVERIFY(desktop.press({u"ctrl+a"_s}) && desktop.type(other) && desktop.press({u"Return"_s}));
        const auto written = [&] { return settings.open(QIODevice::ReadOnly) ? settings.readAll() : QByteArray(); };
        QTRY_VERIFY_WITH_TIMEOUT((settings.close(), written().contains(other.toUtf8())), patienceMs);
        QVERIFY(desktop.stop());

        QVERIFY2(desktop.start(), "the program has no window on the accessibility bus");
        QVERIFY(sees(desktop, u"Your Models (0)"_s, startMs));
        QVERIFY(!find(desktop, u"The data directory"_s));
        QVERIFY(desktop.stop());
        QVERIFY(!QDir(other).isEmpty());
    }
};

QTEST_GUILESS_MAIN(UnwritableDataTest)
#include "test_unwritable_data.moc"
