#include "core/base/futures.h"
#include "core/base/background.h"
#include "core/base/worker_thread.h"
#include "tests/support/waiting.h"

#include <QThread>

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <thread>
#include <utility>

namespace millm {

using testing::wait;

class FuturesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runsInTheThreadOfItsContext();
    void flattensFutures();
    void flattensFuturesWithoutAValue();
    void cancelsWhereTheContextIsGone();
    void cancelsWhereTheInnerFutureIsCancelled();
    void workerRunsInOrderAndEndsWhatIsQueued();
    void computingGivesWayWhereThereIsAWindow();
};

void FuturesTest::runsInTheThreadOfItsContext() {
    WorkerThread worker(QStringLiteral("worker"));
    auto thread = worker.run([] { return QThread::currentThread()->objectName(); });
    QVERIFY(wait(thread));
    QCOMPARE(thread.result(), QStringLiteral("worker"));
    auto nothing = runOn(this, [] {});
    QVERIFY(!nothing.isFinished());  // queued, also in the own thread
    QVERIFY(wait(nothing));
}

void FuturesTest::flattensFutures() {
    WorkerThread worker(QStringLiteral("worker"));
    auto answer = runOn(this, [&worker] { return worker.run([] { return 41; }); });
    static_assert(std::is_same_v<decltype(answer), QFuture<int>>);
    QVERIFY(wait(answer));
    QCOMPARE(answer.result(), 41);
}

void FuturesTest::flattensFuturesWithoutAValue() {
    WorkerThread worker(QStringLiteral("worker"));
    int ran = 0;
    auto answer = runOn(this, [&] { return worker.run([&] { ++ran; }); });
    static_assert(std::is_same_v<decltype(answer), QFuture<void>>);
    QVERIFY(wait(answer));
    QVERIFY(!answer.isCanceled());
    QCOMPARE(ran, 1);
    QVERIFY(wait(resolved()));
}

void FuturesTest::cancelsWhereTheContextIsGone() {
    auto *context = new QObject;
    auto plain = runOn(context, [] { return 1; });
    auto nested = runOn(context, [] { return resolved(1); });
    delete context;
    QVERIFY(wait(plain));
    QVERIFY(plain.isCanceled());
    QVERIFY(wait(nested));
    QVERIFY(nested.isCanceled());
}

void FuturesTest::cancelsWhereTheInnerFutureIsCancelled() {
    auto nested = runOn(this, [] {
        QPromise<int> promise;
        promise.start();
        return promise.future();  // the promise dies unanswered
    });
    QVERIFY(wait(nested));
    QVERIFY(nested.isCanceled());
}

void FuturesTest::workerRunsInOrderAndEndsWhatIsQueued() {
    QList<int> order;
    {
        WorkerThread worker(QStringLiteral("worker"));
        for (int i = 0; i < 100; ++i) worker.run([&order, i] { order << i; });
    }
    QCOMPARE(order.size(), 100);
    QVERIFY(std::ranges::is_sorted(order));
}

void FuturesTest::computingGivesWayWhereThereIsAWindow() {
    const auto niceness = [](WorkerThread::Work work) {
        WorkerThread worker(QStringLiteral("worker"), work);
        auto answer = worker.run([] {
            int ofThreadsOfIts = 0;
            std::thread([&] { ofThreadsOfIts = ::getpriority(PRIO_PROCESS, id_t(::gettid())); }).join();
            return std::pair(::getpriority(PRIO_PROCESS, id_t(::gettid())), ofThreadsOfIts);
        });
        wait(answer);
        return answer.result();
    };
    const int usual = ::getpriority(PRIO_PROCESS, id_t(::gettid()));
    // A program that gives way to everybody already does not get a better place by it.
    const int lowered = std::max(usual, background::niceness);
    QCOMPARE(niceness(WorkerThread::Work::Computing), std::pair(usual, usual));
    background::giveWay();
    QCOMPARE(niceness(WorkerThread::Work::Computing), std::pair(lowered, lowered));
    QCOMPARE(niceness(WorkerThread::Work::Short), std::pair(usual, usual));
    QCOMPARE(::getpriority(PRIO_PROCESS, id_t(::gettid())), usual);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::FuturesTest)
#include "futures_test.moc"
