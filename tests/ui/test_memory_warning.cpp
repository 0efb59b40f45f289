#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/memory_warning.h"
#include "ui/model_list.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestMemoryWarning : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ToastList toasts;
        ServerState server;
        ModelList models{actions, server, toasts};
        MemoryWarning warning{actions, models, toasts};
    };
    static MemoryCheck check(bool fits) {
        return {.need = {engine::Scheme::NF4, 0, 5'200'000'000, 4'300'000'000, 400'000'000, 500'000'000},
                .availableBytes = fits ? 10'400'000'000 : 2'600'000'000,
                .totalBytes = 24'000'000'000,
                .gpu = true,
                .fits = fits};
    }

private Q_SLOTS:
    void loadsWhatFits() {
        Parts p;
        QSignalSpy wanted(&p.warning, &MemoryWarning::wanted);
        p.warning.load(2);
        p.actions.checks[0].answer(check(true));
        QTRY_COMPARE(p.actions.calls, (QStringList{QStringLiteral("checkMemory 2"), QStringLiteral("load 2")}));
        QCOMPARE(wanted.size(), 0);
        QCOMPARE(p.warning.weights(), 4.3 / 10.4);
        QCOMPARE(p.warning.available(), 1.0);
    }
    void asksWhereItDoesNot() {
        Parts p;
        QSignalSpy wanted(&p.warning, &MemoryWarning::wanted);
        p.models.setModels({samples::gemma9b()});
        p.warning.load(2);
        p.actions.checks[0].answer(check(false));
        QTRY_COMPARE(wanted.size(), 1);
        QCOMPARE(p.warning.name(), QStringLiteral("gemma-2-9b"));
        QCOMPARE(p.actions.calls.size(), 1);
        QCOMPARE(p.warning.sentence(),
                 QStringLiteral("Warning: Model requires ~5.2 GB VRAM, only 2.6 GB available. Loading may "
                                "fail or cause system instability."));
        QCOMPARE(p.warning.available(), 0.5);
        QCOMPARE(p.warning.weights() + p.warning.kvCache() + p.warning.overhead(), 1.0);
        p.warning.loadAnyway();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 force"));
        p.actions.models[0].answer(errors::outOfMemory(2));
        QTRY_COMPARE(p.toasts.index(0).data().toString(), QStringLiteral("gemma-2-9b: ") + errors::outOfMemory(2).message);
    }
    /// The sentence and the bar tell one number, however it is rounded.
    void oneNumberInBothPlaces() {
        Parts p;
        MemoryCheck tight = check(false);
        tight.need.memoryBytes = 30'000'000'000;
        tight.availableBytes = 24'260'000'000;
        p.warning.load(2);
        p.actions.checks[0].answer(tight);
        QTRY_VERIFY(p.warning.sentence().contains(QStringLiteral("24.2 GB")));
        QCOMPARE(p.warning.availableText(), QStringLiteral("Free 24.2 GB"));
    }
    /// What is wrong with the files is for the load to find: the card keeps what it says.
    void checkThatFailsLeavesItToTheLoad() {
        Parts p;
        p.warning.load(9);
        p.actions.checks[0].answer(errors::loadFailed(9, QStringLiteral("The file is cut short.")));
        QTRY_COMPARE(p.actions.calls.last(), QStringLiteral("load 9"));
        QCOMPARE(p.toasts.rowCount(), 0);
        p.actions.models[0].answer(errors::modelNotFound(9));
        QTRY_COMPARE(p.toasts.rowCount(), 1);
    }
};

QTEST_MAIN(TestMemoryWarning)
#include "test_memory_warning.moc"
