#include "core/models/model_names.h"

#include <QSet>
#include <QTest>

namespace millm {

class NamesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void validates_data();
    void validates();
    void addsTheSchemeWhereTheNameIsTaken();
    void staysWithinTheLimit();
    void foldersBecomeNames();
};

void NamesTest::validates_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("valid");
    QTest::newRow("usual") << QStringLiteral("gemma-2_2b.v1") << true;
    QTest::newRow("longest") << QString(255, QLatin1Char('a')) << true;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("too long") << QString(256, QLatin1Char('a')) << false;
    QTest::newRow("space") << QStringLiteral("a b") << false;
    QTest::newRow("slash") << QStringLiteral("a/b") << false;
    QTest::newRow("umlaut") << QStringLiteral("größe") << false;
    QTest::newRow("newline") << QStringLiteral("a\n") << false;
}

void NamesTest::validates() {
    QFETCH(QString, name);
    QFETCH(bool, valid);
    const auto result = names::validate(name);
    QCOMPARE(result.ok(), valid);
    if (valid) return;
    QCOMPARE(result.error().code, ErrorCode::InvalidRequest);
    QCOMPARE(result.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("custom_name"));
}

void NamesTest::addsTheSchemeWhereTheNameIsTaken() {
    QSet<QString> taken;
    const auto isTaken = [&](const QString &name) { return taken.contains(name); };
    const QStringList expected{QStringLiteral("m"), QStringLiteral("m-q8"), QStringLiteral("m-q8-2"), QStringLiteral("m-q8-3")};
    for (const auto &name : expected) {
        QCOMPARE(names::unique(QStringLiteral("m"), engine::Scheme::Int8, isTaken), name);
        taken << name;
    }
    QCOMPARE(names::unique(QStringLiteral("m"), engine::Scheme::Plain, isTaken), QStringLiteral("m-fp16"));
}

void NamesTest::staysWithinTheLimit() {
    const QString base(255, QLatin1Char('a'));
    const auto name = names::unique(base, engine::Scheme::NF4, [&](const QString &candidate) { return candidate == base; });
    QCOMPARE(name.size(), 255);
    QVERIFY(name.endsWith(QStringLiteral("-q4")));
}

void NamesTest::foldersBecomeNames() {
    QCOMPARE(names::fromFolder(QStringLiteral("My model (2)")), QStringLiteral("My-model--2-"));
    QCOMPARE(names::fromFolder({}), QStringLiteral("model"));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::NamesTest)
#include "names_test.moc"
