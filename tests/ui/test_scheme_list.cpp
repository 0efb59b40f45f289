#include "tests/ui/samples.h"
#include "ui/scheme_list.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestSchemeList : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTheTable() {
        SchemeList list;
        QAbstractItemModelTester tester(&list);
        QCOMPARE(list.rowCount(), int(engine::schemes().size()));
        QCOMPARE(list.title(0), QStringLiteral("Q4 (4-bit) - Recommended"));
        QCOMPARE(list.shortName(1), QStringLiteral("Q8"));
        QCOMPARE(list.scheme(2), engine::Scheme::Plain);
        QVERIFY(list.need(0).isEmpty());
        QCOMPARE(list.fit(0), SchemeList::Fit::Unknown);
    }
    void sizesAfterPreview() {
        SchemeList list;
        QSignalSpy changed(&list, &QAbstractItemModel::dataChanged);
        list.setPreview(samples::preview());
        QCOMPARE(changed.size(), 1);
        QVERIFY(list.sized());
        QCOMPARE(list.need(0), QStringLiteral("2.2 GB disk • 2.7 GB memory • saves 54%"));
        QCOMPARE(list.need(2), QStringLiteral("5.2 GB disk • 5.9 GB memory"));
        QCOMPARE(list.fit(0), SchemeList::Fit::Fits);
        QCOMPARE(list.fit(2), SchemeList::Fit::NoMemory);
        list.clearPreview();
        QVERIFY(list.need(0).isEmpty());
    }
    void diskCountsToo() {
        SchemeList list;
        ModelPreview preview = samples::preview();
        preview.availableDiskBytes = 2'500'000'000;
        list.setPreview(preview);
        QCOMPARE(list.fit(0), SchemeList::Fit::Fits);
        QCOMPARE(list.fit(1), SchemeList::Fit::NoDisk);
        QVERIFY(!list.index(1).data(SchemeList::FitTextRole).toString().isEmpty());
    }
    void rowsOutsideAreClamped() {
        SchemeList list;
        QCOMPARE(list.scheme(-1), engine::Scheme::NF4);
        QCOMPARE(list.scheme(99), engine::Scheme::Plain);
    }
};

QTEST_MAIN(TestSchemeList)
#include "test_scheme_list.moc"
