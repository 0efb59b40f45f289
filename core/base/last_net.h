#pragma once

#include "core/base/error.h"

#include <QString>

#include <optional>
#include <type_traits>
#include <utility>

namespace millm {

/// What a type of answer says where the work behind it threw.
template <class E>
E errorOfFault(const QString &words) = delete;
template <>
Error errorOfFault<Error>(const QString &words);
template <>
engine::Error errorOfFault<engine::Error>(const QString &words);

/// Logs the exception that is being handled, with the name of its place. Call only inside a catch block. Any thread.
void logFault(const char *place);
/// The sentence for the one who asked: what was thrown is for the log alone.
QString faultWords();

template <class R>
concept CanHoldError = requires { typename R::error_type; } && std::is_constructible_v<R, typename R::error_type>;

/// Runs `work`, which may fail by its answer and should not throw. The last net: should something be thrown nevertheless, it
/// ends here, as a line of the log and as an error in the answer.
template <class F>
auto caught(const char *place, F &&work) -> std::invoke_result_t<F>
    requires CanHoldError<std::invoke_result_t<F>>
{
    try {
        return std::forward<F>(work)();
    } catch (...) {
        logFault(place);
        return errorOfFault<typename std::invoke_result_t<F>::error_type>(faultWords());
    }
}

/// The same for work without an answer: was it done?
template <class F>
bool ran(const char *place, F &&work) {
    try {
        std::forward<F>(work)();
        return true;
    } catch (...) {
        logFault(place);
        return false;
    }
}

}  // namespace millm
