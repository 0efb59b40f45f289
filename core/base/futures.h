#pragma once

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

/// Runs `work` in the thread of `context` and answers with a future of what it returns (a future it returns is flattened).
/// Where `context` is gone before its turn, the future is cancelled.
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
                auto inner = work();
                inner.then(context, [promise = std::move(promise)](const QFuture<T> &done) {
                    if constexpr (std::is_void_v<T>) {
                        if (done.isCanceled()) promise->future().cancel();
                    } else {
                        if (done.resultCount() > 0)
                            promise->addResult(done.resultAt(0));
                        else
                            promise->future().cancel();
                    }
                    promise->finish();
                });
            },
            Qt::QueuedConnection);
        return future;
    } else {
        auto promise = std::make_shared<QPromise<R>>();
        promise->start();
        auto future = promise->future();
        QMetaObject::invokeMethod(
            context,
            [promise = std::move(promise), work = std::move(work)]() mutable {
                if constexpr (std::is_void_v<R>) {
                    work();
                } else {
                    promise->addResult(work());
                }
                promise->finish();
            },
            Qt::QueuedConnection);
        return future;
    }
}

}  // namespace millm
