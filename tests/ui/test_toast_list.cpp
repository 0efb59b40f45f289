#include "ui/toast_list.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestToastList : public QObject {
    Q_OBJECT
    static constexpr auto info = ToastList::Kind::Info;

private Q_SLOTS:
    void goesAfterFiveSeconds() {
        ToastList toasts;
        QAbstractItemModelTester tester(&toasts);
        QSignalSpy announced(&toasts, &ToastList::announced);
        QElapsedTimer timer;
        timer.start();
        toasts.show(info, QStringLiteral("Hello"));
        QCOMPARE(announced.size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(toasts.rowCount(), 0, 60000);
        QVERIFY(timer.elapsed() >= 4700);
    }
    void heldOnesStay() {
        ToastList toasts, later;
        toasts.show(info, QStringLiteral("Hello"));
        toasts.hold(true);
        later.show(info, QStringLiteral("Hello"));
        QTRY_COMPARE_WITH_TIMEOUT(later.rowCount(), 0, 60000);
        QCOMPARE(toasts.rowCount(), 1);
        toasts.hold(false);
        QTRY_COMPARE_WITH_TIMEOUT(toasts.rowCount(), 0, 60000);
    }
    void dismiss() {
        ToastList toasts;
        toasts.show(info, QStringLiteral("a"));
        toasts.show(info, QStringLiteral("b"));
        toasts.dismiss(toasts.index(0).data(ToastList::IdRole).toInt());
        QCOMPARE(toasts.rowCount(), 1);
        QCOMPARE(toasts.index(0).data().toString(), QStringLiteral("b"));
        toasts.dismiss(4711);
    }
    void sameTextOnceAndFiveAtMost() {
        ToastList toasts;
        for (int i = 0; i < 3; ++i) toasts.show(info, QStringLiteral("again"));
        QCOMPARE(toasts.rowCount(), 1);
        for (int i = 0; i < 9; ++i) toasts.show(info, QString::number(i));
        QCOMPARE(toasts.rowCount(), 5);
        QCOMPARE(toasts.index(4).data().toString(), QStringLiteral("8"));
    }
};

QTEST_MAIN(TestToastList)
#include "test_toast_list.moc"
