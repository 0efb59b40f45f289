// The last net: whatever a task or a handler throws, the program lives and the one who asked is answered.
#include "core/base/futures.h"
#include "core/base/guarded_application.h"
#include "core/base/worker_thread.h"
#include "tests/support/waiting.h"

#include <QRegularExpression>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <new>
#include <stdexcept>

namespace millm {

using testing::wait;

namespace {

[[noreturn]] void stumble() {
    throw std::runtime_error("a stumble");
}

/// The log must say what was thrown, and where.
void expectLine(const char *place, const char *thread, const char *what) {
    QTest::ignoreMessage(
        QtCriticalMsg,
        QRegularExpression(QStringLiteral("fault of the program itself in %1 \\(thread %2\\): %3")
                               .arg(QLatin1StringView(place), QLatin1StringView(thread), QLatin1StringView(what))));
}

}  // namespace

class LastNetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aTaskThatThrowsAnswersWithAnError();
    void anAnswerWithoutErrorsIsCancelled();
    void anInnerFutureThatThrewIsAnError();
    void theThreadGoesOn();
    void whatIsNoExceptionIsCaughtToo();
    void aTimerMayThrow();
    void aSlotInAnotherThreadMayThrow();
};

void LastNetTest::aTaskThatThrowsAnswersWithAnError() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("a task", "clumsy", "a stumble");
    auto answer = worker.run([]() -> Result<int> { stumble(); });
    QVERIFY(wait(answer));
    QCOMPARE(answer.resultCount(), 1);
    QCOMPARE(answer.result().error().code, ErrorCode::Internal);
    // What was thrown is for the log, not for a stranger.
    QVERIFY(!answer.result().error().message.contains(QStringLiteral("stumble")));
    expectLine("a task", "clumsy", "std::bad_alloc");
    auto nothing = worker.run([]() -> Result<void> { throw std::bad_alloc(); });
    QVERIFY(wait(nothing));
    QVERIFY(!nothing.result().ok());
    expectLine("a task", "clumsy", "a stumble");
    auto ofEngine = worker.run([]() -> engine::Result<int> { stumble(); });
    QVERIFY(wait(ofEngine));
    QVERIFY(ofEngine.result().error().code == engine::ErrorCode::Internal);
}

void LastNetTest::anAnswerWithoutErrorsIsCancelled() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("a task", "clumsy", "a stumble");
    auto number = worker.run([]() -> int { stumble(); });
    QVERIFY(wait(number));
    QVERIFY(number.isFinished() && number.isCanceled());
    expectLine("a task", "clumsy", "a stumble");
    auto nothing = worker.run([] { stumble(); });
    QVERIFY(wait(nothing));
    QVERIFY(nothing.isFinished() && nothing.isCanceled());
}

void LastNetTest::anInnerFutureThatThrewIsAnError() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("a task", "main", "a stumble");
    auto outer = runOn(this, [&] { return worker.run([] { return 1; }).then(this, [](int) -> Result<int> { stumble(); }); });
    QVERIFY(wait(outer));
    QCOMPARE(outer.result().error().code, ErrorCode::Internal);
    expectLine("a task", "main", "a stumble");
    auto never = runOn(this, [&]() -> QFuture<Result<int>> { stumble(); });
    QVERIFY(wait(never));
    QCOMPARE(never.result().error().code, ErrorCode::Internal);
    // A step on the way threw, and with it went the promise of an answer.
    auto dropped = runOn(this, [&] {
        Deferred<Result<int>> answer;
        worker.run([] { return 1; }).then(this, [answer](int) { stumble(); });
        return answer.future();
    });
    QVERIFY(wait(dropped));
    QCOMPARE(dropped.resultCount(), 1);
    QCOMPARE(dropped.result().error().code, ErrorCode::Internal);
}

void LastNetTest::theThreadGoesOn() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("a task", "clumsy", "a stumble");
    worker.run([] { stumble(); });
    auto next = worker.run([] { return 41; });
    QVERIFY(wait(next));
    QCOMPARE(next.result(), 41);
}

void LastNetTest::whatIsNoExceptionIsCaughtToo() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("a task", "clumsy", "something that is no exception");
    auto answer = worker.run([]() -> Result<int> { throw 5; });
    QVERIFY(wait(answer));
    QVERIFY(!answer.result().ok());
}

void LastNetTest::aTimerMayThrow() {
    expectLine("an event's handler", "main", "a stumble");
    bool later = false;
    QTimer::singleShot(0, this, [] { stumble(); });
    QTimer::singleShot(0, this, [&] { later = true; });
    QTRY_VERIFY(later);
}

void LastNetTest::aSlotInAnotherThreadMayThrow() {
    WorkerThread worker(QStringLiteral("clumsy"));
    expectLine("an event's handler", "clumsy", "a stumble");
    QMetaObject::invokeMethod(worker.context(), [] { stumble(); }, Qt::QueuedConnection);
    auto next = worker.run([] { return 42; });
    QVERIFY(wait(next));
    QCOMPARE(next.result(), 42);
}

}  // namespace millm

int main(int argc, char **argv) {
    millm::Guarded<QCoreApplication> application(argc, argv);
    millm::LastNetTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "last_net_test.moc"
