#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/format.h"
#include "ui/load_form.h"
#include "ui/model_list.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QSignalSpy>
#include <QTest>

#include <numeric>

using namespace millm;

class TestLoadForm : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ToastList toasts;
        ServerState server;
        ModelList models{actions, server, toasts};
        LoadForm form{actions, models, toasts};
    };
    static constexpr qint64 plenty = 20'000'000'000, little = 2'600'000'000;

private Q_SLOTS:
    void loadsWhatFits() {
        Parts p;
        QSignalSpy wanted(&p.form, &LoadForm::wanted);
        p.form.load(2);
        const MemoryCheck check = samples::check(plenty);
        p.actions.checks[0].answer(QList{check});
        QTRY_COMPARE(p.actions.calls, (QStringList{QStringLiteral("checkMemory 2"), QStringLiteral("load 2")}));
        QCOMPARE(wanted.size(), 0);
        QCOMPARE(p.form.parts().first(), double(check.need.weightBytes) / double(plenty));
        QCOMPARE(p.form.available(), 1.0);
    }
    void asksWhereItDoesNot() {
        Parts p;
        QSignalSpy wanted(&p.form, &LoadForm::wanted);
        p.models.setModels({samples::gemma9b()});
        p.form.load(2);
        const MemoryCheck check = samples::check(little);
        p.actions.checks[0].answer(QList{check});
        QTRY_COMPARE(wanted.size(), 1);
        QVERIFY(!p.form.fits());
        QCOMPARE(p.form.name(), QStringLiteral("gemma-2-9b"));
        QCOMPARE(p.actions.calls.size(), 1);
        QCOMPARE(p.form.sentence(), errors::insufficientMemory(2, check.need.totalBytes(), little, true).message);
        QCOMPARE(p.form.available(), double(little) / double(check.need.totalBytes()));
        const auto parts = p.form.parts();
        QCOMPARE(std::accumulate(parts.begin(), parts.end(), 0.0), 1.0);
        p.form.start();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 force context 0"));
        p.actions.models[0].answer(errors::outOfMemory(2));
        QTRY_COMPARE(p.toasts.index(0).data().toString(), QStringLiteral("gemma-2-9b: ") + errors::outOfMemory(2).message);
    }
    /// Whoever wants to choose is asked though it fits, and sees what each choice takes.
    void theContextHasItsCost() {
        Parts p;
        QSignalSpy wanted(&p.form, &LoadForm::wanted), changed(&p.form, &LoadForm::changed);
        p.form.choose(2);
        const MemoryCheck check = samples::check(plenty);
        p.actions.checks[0].answer(QList{check});
        QTRY_COMPARE(wanted.size(), 1);
        QVERIFY(p.form.fits());
        QCOMPARE(p.form.contextLength(), 4096);
        QCOMPARE(p.form.longestContext(), 8192);
        const double before = p.form.parts()[1];
        changed.clear();
        p.form.setContextLength(8192);
        QCOMPARE(changed.size(), 1);
        QVERIFY(p.form.parts()[1] > before);
        QVERIFY(p.form.contextText().contains(format::bytes(check.needAt(8192).kvCacheBytes)));
        QCOMPARE(p.form.partTexts()[1], QStringLiteral("KV cache ") + format::bytes(check.needAt(8192).kvCacheBytes));
        p.form.setContextLength(1'000'000);  // no more than there can be
        QCOMPARE(p.form.contextLength(), 8192);
        p.form.start();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 context 8192"));
        p.form.setContextLength(p.form.usualContext());
        p.form.start();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 context 0"));
    }
    /// A context that is too long for what is free, and one that is not.
    void itFitsWithLess() {
        Parts p;
        p.form.choose(2);
        MemoryCheck check = samples::check(plenty);
        check.freeBytes = (check.needAt(2048).totalBytes() + check.needAt(4096).totalBytes()) / 2;
        p.actions.checks[0].answer(QList{check});
        QTRY_VERIFY(!p.form.sentence().isEmpty() && p.form.contextLength() == 4096);
        QVERIFY(!p.form.fits());
        p.form.setContextLength(2048);
        QVERIFY(p.form.fits());
        p.form.start();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 context 2048"));
    }
    /// What goes before it comes frees memory, which counts.
    void thePresentModelGivesBack() {
        Parts p;
        p.models.setModels({samples::gemma9b(), samples::gemma2b()});
        p.form.choose(2);
        const MemoryCheck alone = samples::check(little), after = samples::check(little, QStringLiteral("cuda:0"), plenty);
        QVERIFY(!alone.fits && after.fits);
        p.actions.checks[0].answer(QList{after});
        QTRY_COMPARE(p.form.givenBackText(),
                     QStringLiteral("gemma-2-2b is unloaded first, which frees %1.").arg(format::bytes(plenty)));
        QVERIFY(p.form.fits());
    }
    void theDeviceIsChosen() {
        Parts p;
        p.form.choose(2);
        p.actions.checks[0].answer(QList{samples::check(little), samples::check(plenty, QStringLiteral("cpu"))});
        QTRY_COMPARE(p.form.devices(),
                     (QStringList{QStringLiteral("GPU 0 (NVIDIA RTX 4090)"), QStringLiteral("CPU (AMD EPYC)")}));
        QVERIFY(!p.form.fits());
        p.form.setDevice(1);
        QVERIFY(p.form.fits());
        p.form.start();
        QCOMPARE(p.actions.calls.last(), QStringLiteral("load 2 context 0 device cpu"));
    }
    /// The device of the last load is offered again, as long as it is there; the usual one is said to be wished again.
    void theDeviceIsRemembered() {
        Parts p;
        Model model = samples::gemma9b();
        model.wishedDevice = QStringLiteral("cpu");
        p.models.setModels({model});
        const QList both{samples::check(little), samples::check(plenty, QStringLiteral("cpu"))};
        p.form.choose(2);
        p.actions.checks[0].answer(both);
        QTRY_COMPARE(p.form.device(), 1);
        QVERIFY(p.form.fits());
        p.form.setDevice(0);
        p.form.start();
        QCOMPARE(p.actions.lastLoad.device, std::optional(QString()));
        model.wishedDevice = QStringLiteral("cuda:7");
        p.models.setModels({model});
        p.form.choose(2);
        p.actions.checks[1].answer(both);
        QTRY_COMPARE(p.form.device(), 0);
    }
    /// The sentence and the bar tell one number, however it is rounded.
    void oneNumberInBothPlaces() {
        Parts p;
        p.form.load(2);
        p.actions.checks[0].answer(QList{samples::check(2'460'000'000)});
        QTRY_VERIFY(p.form.sentence().contains(QStringLiteral("2.4 GB")));
        QCOMPARE(p.form.availableText(), QStringLiteral("Free 2.4 GB"));
    }
    /// What is wrong with the files is for the load to find: the card keeps what it says.
    void checkThatFailsLeavesItToTheLoad() {
        Parts p;
        p.form.load(9);
        p.actions.checks[0].answer(errors::loadFailed(9, QStringLiteral("The file is cut short.")));
        QTRY_COMPARE(p.actions.calls.last(), QStringLiteral("load 9"));
        QCOMPARE(p.toasts.rowCount(), 0);
        p.actions.models[0].answer(errors::modelNotFound(9));
        QTRY_COMPARE(p.toasts.rowCount(), 1);
    }
};

QTEST_MAIN(TestLoadForm)
#include "test_load_form.moc"
