#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/memory_warning.h"
#include "ui/toast_list.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestMemoryWarning : public QObject {
    Q_OBJECT

    static MemoryCheck check(bool fits) {
        return {.need = {engine::Scheme::NF4, 0, 5'200'000'000, 4'300'000'000, 400'000'000, 500'000'000},
                .availableBytes = fits ? 10'400'000'000 : 2'600'000'000,
                .totalBytes = 24'000'000'000,
                .gpu = true,
                .fits = fits};
    }

private Q_SLOTS:
    void loadsWhatFits() {
        RecordedActions actions;
        ToastList toasts;
        MemoryWarning warning(actions, toasts);
        QSignalSpy wanted(&warning, &MemoryWarning::wanted);
        warning.load(2);
        actions.checks[0].answer(check(true));
        QTRY_COMPARE(actions.calls, (QStringList{QStringLiteral("checkMemory 2"), QStringLiteral("load 2")}));
        QCOMPARE(wanted.size(), 0);
        QCOMPARE(warning.weights(), 4.3 / 10.4);
        QCOMPARE(warning.available(), 1.0);
    }
    void asksWhereItDoesNot() {
        RecordedActions actions;
        ToastList toasts;
        MemoryWarning warning(actions, toasts);
        QSignalSpy wanted(&warning, &MemoryWarning::wanted);
        warning.load(2);
        actions.checks[0].answer(check(false));
        QTRY_COMPARE(wanted.size(), 1);
        QCOMPARE(actions.calls.size(), 1);
        QCOMPARE(warning.sentence(), QStringLiteral("Warning: Model requires ~5.2 GB VRAM, only 2.6 GB available. Loading may "
                                                    "fail or cause system instability."));
        QCOMPARE(warning.available(), 0.5);
        QCOMPARE(warning.weights() + warning.kvCache() + warning.overhead(), 1.0);
        warning.loadAnyway();
        QCOMPARE(actions.calls.last(), QStringLiteral("load 2 force"));
        actions.models[0].answer(errors::outOfMemory(2));
        QTRY_COMPARE(toasts.index(0).data().toString(), errors::outOfMemory(2).message);
    }
    /// What is wrong with the files is for the load to find: the card keeps what it says.
    void checkThatFailsLeavesItToTheLoad() {
        RecordedActions actions;
        ToastList toasts;
        MemoryWarning warning(actions, toasts);
        warning.load(9);
        actions.checks[0].answer(errors::loadFailed(9, QStringLiteral("The file is cut short.")));
        QTRY_COMPARE(actions.calls.last(), QStringLiteral("load 9"));
        QCOMPARE(toasts.rowCount(), 0);
        actions.models[0].answer(errors::modelNotFound(9));
        QTRY_COMPARE(toasts.rowCount(), 1);
    }
};

QTEST_MAIN(TestMemoryWarning)
#include "test_memory_warning.moc"
