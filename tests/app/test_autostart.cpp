#include "app/autostart.h"

#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// The file that makes a desktop start the program.
class TestAutostart : public QObject {
    Q_OBJECT

    static QByteArray text(const QTemporaryDir &folder) {
        QFile file(folder.filePath(QStringLiteral("deep/autostart/io.github.millm.miLLM.desktop")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void onAndOff() {
        const QTemporaryDir folder;
        const Autostart autostart(folder.filePath(QStringLiteral("deep/autostart")), QStringLiteral("/opt/my \"50%\"/millm"));
        QVERIFY(!autostart.isOn());
        QVERIFY(autostart.set(true).ok());
        QVERIFY(autostart.isOn());
        const QByteArray entry = text(folder);
        QVERIFY2(entry.startsWith("[Desktop Entry]\nType=Application\n"), entry.constData());
        QVERIFY2(entry.contains("\nExec=\"/opt/my \\\\\"50%%\\\\\"/millm\"\n"), entry.constData());
        QVERIFY(autostart.set(true).ok());
        QVERIFY(autostart.set(false).ok());
        QVERIFY(!autostart.isOn());
        QVERIFY(text(folder).isEmpty());
        QVERIFY(autostart.set(false).ok());
    }
    /// A desktop's own settings switch an entry off without removing it.
    void switchedOffElsewhere() {
        const QTemporaryDir folder;
        const Autostart autostart(folder.filePath(QStringLiteral("deep/autostart")), QStringLiteral("/usr/bin/millm"));
        for (const char *line : {"Hidden=true\n", "X-GNOME-Autostart-enabled = false\n"}) {
            QVERIFY(autostart.set(true).ok());
            QFile file(folder.filePath(QStringLiteral("deep/autostart/io.github.millm.miLLM.desktop")));
            QVERIFY(file.open(QIODevice::Append));
            file.write(line);
            file.close();
            QVERIFY2(!autostart.isOn(), line);
            QVERIFY(autostart.set(true).ok());
            QVERIFY(autostart.isOn());
        }
    }
    void saysWhyNot() {
        const Autostart autostart(QStringLiteral("/proc/nowhere"), QStringLiteral("/usr/bin/millm"));
        const Result<void> done = autostart.set(true);
        QVERIFY(!done.ok());
        QVERIFY2(done.error().message.contains(QStringLiteral("/proc/nowhere")), qPrintable(done.error().message));
        QVERIFY(!autostart.isOn());
    }
};

QTEST_GUILESS_MAIN(TestAutostart)
#include "test_autostart.moc"
