#pragma once

#include <QFuture>
#include <QTest>

namespace millm::testing {

/// Turns the event loop until `future` is finished; false after `milliseconds` (long: a test's end on a loaded machine).
template <class T>
bool wait(const QFuture<T> &future, int milliseconds = 60000) {
    return QTest::qWaitFor([&] { return future.isFinished(); }, milliseconds);
}

/// The answer of `future`, which must come: the test is at its end where it does not.
template <class T>
T answer(const QFuture<T> &future, int milliseconds = 60000) {
    if (!wait(future, milliseconds)) qFatal("no answer within %d ms", milliseconds);
    if (future.resultCount() == 0) qFatal("the future was cancelled");
    return future.result();
}

}  // namespace millm::testing
