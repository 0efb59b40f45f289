#pragma once

#include "core/engine/result.h"

#include <utility>

namespace millm::engine {

/// The exception being handled as an error: out of memory with the bytes that were wanted where torch tells them, a
/// device's failure, or Internal with the first line of the message. Call only inside a catch block.
Error current_error();

/// Runs `work` and turns what it throws into an error: no exception leaves the plugin.
template <class Work>
auto guarded(Work &&work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return current_error();
    }
}

}  // namespace millm::engine
