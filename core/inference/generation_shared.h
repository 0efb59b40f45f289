#pragma once

#include "core/inference/inference_service.h"
#include "core/inference/task_queue.h"

#include <QElapsedTimer>

#include <atomic>
#include <memory>

namespace millm {

/// What a handle and the threads that work on its request have in common.
class Generation::Shared {
public:
    explicit Shared(std::shared_ptr<TaskQueue> queue) : engine(std::move(queue)) { sinceToken.start(); }
    const std::shared_ptr<TaskQueue> engine;
    std::atomic<bool> cancelled = false;       ///< looked at wherever the request waits
    std::atomic<bool> opensReasoning = false;  ///< set before started() is out
    // Of the services thread only:
    bool ended = false;        ///< finished() or failed() is out
    QElapsedTimer sinceToken;  ///< since the last token, or since it was asked for
    bool hasTokens = false;    ///< one has come
};

}  // namespace millm
