#pragma once

#include "core/inference/inference_service.h"
#include "core/inference/task_queue.h"

#include <atomic>
#include <memory>

namespace millm {

/// What a handle and the threads that work on its request have in common.
class Generation::Shared {
public:
    explicit Shared(std::shared_ptr<TaskQueue> queue) : engine(std::move(queue)) {}
    const std::shared_ptr<TaskQueue> engine;
    std::atomic<bool> cancelled = false;       ///< looked at wherever the request waits
    std::atomic<bool> opensReasoning = false;  ///< set before started() is out
    bool ended = false;                        ///< finished() or failed() is out; services thread only
};

}  // namespace millm
