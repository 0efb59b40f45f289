#pragma once

#include "core/engine/engine.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#ifndef _OPENMP
#error "without OpenMP at::parallel_for runs on one thread, silently"
#endif

namespace millm::engine {

/// The loops of the CPU that are cut into threads.
enum class Loop : std::uint8_t { Arrange, Multiply, Attend, Norm, Rotate, Activate, Recur, Pack };

/// Counts the threads that take part in one run of a loop, and keeps the most of each kind.
class ThreadCount {
public:
    explicit ThreadCount(Loop loop) : loop_(loop) {}
    ~ThreadCount();
    /// Called by each thread that does a part of the run.
    void enter();

private:
    Loop loop_;
    std::uint64_t run_ = next_run();
    std::atomic<int> threads_{0};

    static std::uint64_t next_run();
};

/// f(first, last) over parts of [0, count), each of `grain` at least, on the threads that set_compute_threads() allows.
template <class F>
void parallel_rows(Loop loop, std::int64_t count, std::int64_t grain, const F &f) {
    ThreadCount threads(loop);
    at::parallel_for(0, count, grain, [&](std::int64_t first, std::int64_t last) {
        threads.enter();
        f(first, last);
    });
}

/// Of each loop, the most threads that one run used since the last reset.
std::vector<LoopThreads> loop_threads();
void reset_loop_threads();

/// Copies bytes by all threads.
void copy_in_parallel(std::span<const std::byte> from, void *to);

}  // namespace millm::engine
