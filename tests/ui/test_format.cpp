#include "ui/format.h"

#include <QLocale>
#include <QRegularExpression>
#include <QTest>

using namespace millm;

class TestFormat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bytes_data() {
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<QString>("text");
        const auto row = [](qint64 bytes, const char *text) { QTest::newRow(text) << bytes << QString::fromUtf8(text); };
        row(0, "0 bytes");
        row(999, "999 bytes");
        row(1'000, "1.0 KB");
        row(97'300, "97 KB");
        row(4'200'000, "4.2 MB");
        row(420'000'000, "420 MB");
        row(999'960'000, "1.0 GB");
        row(1'800'000'000, "1.8 GB");
        row(70'550'000'000, "70.5 GB");
        row(1'400'000'000'000, "1.4 TB");
    }
    void bytes() {
        QFETCH(qint64, bytes);
        QFETCH(QString, text);
        QCOMPARE(format::bytes(bytes), text);
    }
    void mebibytes() { QCOMPARE(format::mebibytes(1717), QStringLiteral("1.8 GB")); }
    void ofTotal() {
        QCOMPARE(format::ofTotal(1'200'000'000, 4'900'000'000), QStringLiteral("1.2 of 4.9 GB"));
        QCOMPARE(format::ofTotal(12'000'000, 4'900'000'000), QStringLiteral("0.0 of 4.9 GB"));
    }
    void ratio() {
        QCOMPARE(format::ratio(8'200'000'000, 32'000'000'000), QStringLiteral("8.2/32 GB"));
        QCOMPARE(format::ratio(4'240'000'000, 25'300'000'000), QStringLiteral("4.2/25.3 GB"));
    }
    void percent() {
        QCOMPARE(format::percent(41.6), QStringLiteral("42%"));
        QCOMPARE(format::percent(-1), QStringLiteral("0%"));
        QCOMPARE(format::percent(101), QStringLiteral("100%"));
    }
    void speed() { QCOMPARE(format::speed(99.2), QStringLiteral("12 MB/s")); }
    void duration() {
        QCOMPARE(format::duration(45), QStringLiteral("45 s"));
        QCOMPARE(format::duration(200), QStringLiteral("3 min 20 s"));
        QCOMPARE(format::duration(7'505), QStringLiteral("2 h 5 min"));
        QCOMPARE(format::duration(-3), QStringLiteral("0 s"));
    }
    void tokens() {
        QCOMPARE(format::tokens(24, 0), QStringLiteral("24 tokens"));
        QCOMPARE(format::tokens(1, 0), QStringLiteral("1 token"));
        QCOMPARE(format::tokens(1, 0.000003), QStringLiteral("1 token"));
        QCOMPARE(format::tokens(24, 3), QStringLiteral("24 tokens, 8.0 tokens/s"));
    }
    /// All numbers of a sentence in the signs of one locale, also those that the services wrote.
    void signsOfTheLocale() {
        QCOMPARE(format::gigabytes(QStringLiteral("24.3 GB")), QStringLiteral("24.3 GB"));
        QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
        QCOMPARE(format::gigabytes(QStringLiteral("0.0123 GB")), QStringLiteral("0,0123 GB"));
        QLocale::setDefault(QLocale(QStringLiteral("ar_EG")));
        for (const QString &text : {format::gigabytes(QStringLiteral("24.3 GB")), format::duration(45), format::duration(200),
                                    format::duration(7'505), format::bytes(1'800'000'000), format::number(4096),
                                    format::tokens(1, 0), format::localized(QStringLiteral("0.70"))})
            QVERIFY2(!text.contains(QRegularExpression(QStringLiteral("[0-9]"))), qPrintable(text));
        QCOMPARE(format::localized(QStringLiteral("0.70")), QStringLiteral("٠٫٧٠"));
        QLocale::setDefault(QLocale::c());
    }
    /// People type the digits of their keyboard, whatever the locale is.
    void typedDigits() {
        for (const char *typed : {"12.5", "12,5", "١٢٫٥", "۱۲٫۵", "१२.५", "𞥑𞥒.𞥕"})
            QCOMPARE(format::latin(QString::fromUtf8(typed)), QStringLiteral("12.5"));
        QCOMPARE(format::latin(QStringLiteral("warm")), QStringLiteral("warm"));
        QLocale::setDefault(QLocale(QStringLiteral("ff_Adlm_GN")));  // digits beyond the first 65536 signs
        QCOMPARE(format::latin(format::localized(QStringLiteral("1024"))), QStringLiteral("1024"));
        QLocale::setDefault(QLocale::c());
    }
};

QTEST_MAIN(TestFormat)
#include "test_format.moc"
