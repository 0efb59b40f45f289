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

/// Runs `work` in the thread of `context` and answers with a future of what it returns (a future it returns is flattened).
/// Where `context` is gone before its turn, the future is cancelled.
template <class F>
auto runOn(QObject *context, F work) {
    using R = std::invoke_result_t<F>;
    if constexpr (IsFuture<R>::value) {
        using T = typename IsFuture<R>::Value;
        auto promise = std::make_shared<QPromise<T>>();
        promise->start();
        QMetaObject::invokeMethod(
            context,
            [context, promise, work = std::move(work)]() mutable {
                work()
                    .then(context,
                          [promise](const T &value) {
                              promise->addResult(value);
                              promise->finish();
                          })
                    .onCanceled(context, [promise] {
                        promise->future().cancel();
                        promise->finish();
                    });
            },
            Qt::QueuedConnection);
        return promise->future();
    } else {
        auto promise = std::make_shared<QPromise<R>>();
        promise->start();
        QMetaObject::invokeMethod(
            context,
            [promise, work = std::move(work)]() mutable {
                if constexpr (std::is_void_v<R>) {
                    work();
                } else {
                    promise->addResult(work());
                }
                promise->finish();
            },
            Qt::QueuedConnection);
        return promise->future();
    }
}

}  // namespace millm
