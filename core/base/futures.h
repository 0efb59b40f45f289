#pragma once

#include "core/base/last_net.h"

#include <QFuture>
#include <QMetaObject>
#include <QObject>
#include <QPromise>

#include <memory>
#include <type_traits>
#include <utility>

namespace millm {

template <class T>
struct IsFuture : std::false_type {};
template <class T>
struct IsFuture<QFuture<T>> : std::true_type {
    using Value = T;
};

/// A future that is finished already.
template <class T>
QFuture<std::decay_t<T>> resolved(T &&value) {
    QPromise<std::decay_t<T>> promise;
    promise.start();
    promise.addResult(std::forward<T>(value));
    promise.finish();
    return promise.future();
}

/// The same without a value.
inline QFuture<void> resolved() {
    QPromise<void> promise;
    promise.start();
    promise.finish();
    return promise.future();
}

/// A future whose end is told later, from any thread: a promise that can be kept in a list. Where the last copy goes before
/// finish(), the future is cancelled.
template <class T>
class Deferred {
public:
    Deferred() : m_promise(std::make_shared<QPromise<T>>()) { m_promise->start(); }
    QFuture<T> future() const { return m_promise->future(); }
    template <class U = T>
        requires(!std::is_void_v<U>)
    void finish(U value) const {
        m_promise->addResult(std::move(value));
        m_promise->finish();
    }
    void finish() const
        requires std::is_void_v<T>
    {
        m_promise->finish();
    }

private:
    std::shared_ptr<QPromise<T>> m_promise;
};

/// Ends a promise whose work threw: an answer that can hold an error holds one, another is cancelled. In a catch block.
template <class T>
void endInFault(QPromise<T> &promise) {
    logFault("a task");
    if constexpr (CanHoldError<T>)
        promise.addResult(T(errorOfFault<typename T::error_type>(faultWords())));
    else
        promise.future().cancel();
    promise.finish();
}

/// Finishes a promise with what `work` returns.
template <class T, class F>
void fulfil(QPromise<T> &promise, F &&work) {
    try {
        if constexpr (std::is_void_v<T>)
            work();
        else
            promise.addResult(work());
    } catch (...) {
        return endInFault(promise);
    }
    promise.finish();
}

/// Ends a promise whose work was given up. Whoever takes answers that hold errors waits for nothing else, so it gets one.
template <class T>
void giveUp(QPromise<T> &promise) {
    if constexpr (CanHoldError<T>)
        promise.addResult(T(errorOfFault<typename T::error_type>(QStringLiteral("The work was given up."))));
    else
        promise.future().cancel();
    promise.finish();
}

/// Ends a promise as `done` ended: with its answer, or by what was thrown.
template <class T>
void passOn(QPromise<T> &promise, QFuture<T> done) {
    fulfil(promise, [&]() -> T {
        done.waitForFinished();  // throws what was thrown
        if constexpr (!std::is_void_v<T>) return done.resultAt(0);
    });
}

/// Runs `work` in the thread of `context` and answers with a future of what it returns (a future it returns is flattened).
/// Where `context` is gone before its turn, the future is cancelled. What `work` throws becomes an error in the answer, or
/// cancels it where it can hold none.
template <class F>
auto runOn(QObject *context, F work) {
    using R = std::invoke_result_t<F>;
    if constexpr (IsFuture<R>::value) {
        using T = typename IsFuture<R>::Value;
        // Only the continuations hold the promise: where they are dropped, its destructor cancels the future.
        auto promise = std::make_shared<QPromise<T>>();
        promise->start();
        auto future = promise->future();
        QMetaObject::invokeMethod(
            context,
            [context, promise = std::move(promise), work = std::move(work)]() mutable {
                try {
                    work()
                        .then(context, [promise](const QFuture<T> &done) { passOn(*promise, done); })
                        .onCanceled(context, [promise] { giveUp(*promise); });
                } catch (...) {
                    endInFault(*promise);
                }
            },
            Qt::QueuedConnection);
        return future;
    } else {
        auto promise = std::make_shared<QPromise<R>>();
        promise->start();
        auto future = promise->future();
        QMetaObject::invokeMethod(
            context, [promise = std::move(promise), work = std::move(work)]() mutable { fulfil(*promise, work); },
            Qt::QueuedConnection);
        return future;
    }
}

}  // namespace millm
