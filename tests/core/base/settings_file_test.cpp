#include "core/base/settings_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

using namespace Qt::StringLiterals;

class SettingsFileTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_file;

    QByteArray text() const {
        QFile file(m_file);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    void put(const QByteArray &text) const {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    QString read(const QString &key) const { return QSettings(m_file, QSettings::IniFormat).value(key).toString(); }

private Q_SLOTS:
    void init() { m_file = m_folder.filePath(u"%1/millm.conf"_s.arg(QString::fromLatin1(QTest::currentTestFunction()))); }

    void makesTheFile() {
        QVERIFY(writeSetting(m_file, u"port"_s, u"8001"_s));
        QCOMPARE(read(u"port"_s), u"8001"_s);
        QCOMPARE(
            QFileInfo(m_file).permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
            QFile::Permissions());
    }
    /// Whatever a value is, QSettings reads what was meant.
    void valuesSurvive_data() {
        QTest::addColumn<QString>("value");
        for (const QString &value : {u"a, b,c"_s, u"\"quoted\""_s, u"back\\slash\\"_s, u" blanks "_s, u"größe/模型 🦙"_s,
                                     u"a;b#c=d"_s, u"@Invalid()"_s, u"%41%"_s, QString(5000, u'x')})
            QTest::newRow(value.left(20).toUtf8()) << value;
    }
    void valuesSurvive() {
        QFETCH(QString, value);
        m_file += QString::number(qHash(value));
        QVERIFY(writeSetting(m_file, u"model-cache-dir"_s, value));
        QVERIFY(writeSetting(m_file, u"port"_s, u"1"_s));
        QCOMPARE(read(u"model-cache-dir"_s), value);
        QCOMPARE(read(u"port"_s), u"1"_s);
    }
    void whatAPersonWroteStays() {
        QDir().mkpath(QFileInfo(m_file).path());
        put("; mine\nport = 1001\n# host=elsewhere\ndevice=cpu\n\n[other]\nport=5\n");
        QVERIFY(writeSetting(m_file, u"port"_s, u"8001"_s));
        QCOMPARE(text(), QByteArray("; mine\nport=\"8001\"\n# host=elsewhere\ndevice=cpu\n\n[other]\nport=5\n"));
        QVERIFY(writeSetting(m_file, u"host"_s, u"::1"_s));
        QCOMPARE(text(), QByteArray("; mine\nport=\"8001\"\n# host=elsewhere\ndevice=cpu\n\nhost=\"::1\"\n[other]\nport=5\n"));
        QVERIFY(writeSetting(m_file, u"port"_s, {}));
        QVERIFY(writeSetting(m_file, u"missing"_s, {}));
        QCOMPARE(text(), QByteArray("; mine\n# host=elsewhere\ndevice=cpu\n\nhost=\"::1\"\n[other]\nport=5\n"));
        QCOMPARE(read(u"host"_s), u"::1"_s);
    }
    void theGeneralSectionIsTheTop() {
        QDir().mkpath(QFileInfo(m_file).path());
        put("[other]\nport=5\n[General]\nport=6\n");
        QVERIFY(writeSetting(m_file, u"port"_s, u"7"_s));
        QCOMPARE(read(u"port"_s), u"7"_s);
        QCOMPARE(read(u"other/port"_s), u"5"_s);
    }
    void controlsAreRefused() {
        const auto written = writeSetting(m_file, u"HF_ENDPOINT"_s, u"a\nport=1"_s);
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::InvalidRequest);
        QVERIFY(!QFile::exists(m_file));
    }
    void whereNothingCanBeWritten() {
        const QString file = u"/proc/millm/millm.conf"_s;
        const auto written = writeSetting(file, u"port"_s, u"1"_s);
        QVERIFY(!written);
        QVERIFY(written.error().message.contains(file));
    }
    void linksAreFollowed() {
        QDir().mkpath(QFileInfo(m_file).path());
        put("port=1\n");
        const QString link = m_file + u".link"_s;
        QVERIFY(QFile::link(m_file, link));
        QVERIFY(writeSetting(link, u"port"_s, u"2"_s));
        QVERIFY(QFileInfo(link).isSymLink());
        QCOMPARE(read(u"port"_s), u"2"_s);
    }
};

}  // namespace millm

QTEST_GUILESS_MAIN(millm::SettingsFileTest)
#include "settings_file_test.moc"
