#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/closing.h"
#include "ui/model_list.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;

class TestClosing : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ServerState server;
        ToastList toasts;
        ModelList models{actions, server, toasts};
        Closing closing{models};
        QSignalSpy quit{&closing, &Closing::quitAsked};

        void become(ModelState state) {
            Model model = samples::gemma2b();
            model.state = state;
            models.upsert(model);
        }
    };

private Q_SLOTS:
    void nothingUnderWay() {
        Parts p;
        p.become(ModelState::Ready);
        QVERIFY(p.closing.work().isEmpty());
        p.closing.finish();
        QCOMPARE(p.quit.size(), 1);
    }
    void saysWhatIsUnderWay() {
        Parts p;
        p.become(ModelState::Queued);
        QCOMPARE(p.closing.work().size(), 1);
        QVERIFY(p.closing.endsByItself());
        p.become(ModelState::Loading);
        QVERIFY2(p.closing.work().value(0).contains(u"gemma-2-2b"), qPrintable(p.closing.work().value(0)));
        p.become(ModelState::Loaded);
        QCOMPARE(p.closing.work().size(), 1);
        QVERIFY(!p.closing.endsByItself());  // it is served until somebody ends that
        p.closing.setPendingAnswers(3);
        QVERIFY(p.closing.work().value(0).contains(u"3"));
        QVERIFY(p.closing.endsByItself());
    }
    void quitsWhenItHasFinished() {
        Parts p;
        p.become(ModelState::Downloading);
        p.closing.finish();
        QVERIFY(p.closing.finishing());
        QCOMPARE(p.quit.size(), 0);
        p.become(ModelState::Ready);
        QCOMPARE(p.quit.size(), 1);
    }
    void carriesOn() {
        Parts p;
        p.become(ModelState::Downloading);
        p.closing.finish();
        p.closing.carryOn();  // somebody opened the window again
        p.become(ModelState::Ready);
        QCOMPARE(p.quit.size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestClosing)
#include "test_closing.moc"
