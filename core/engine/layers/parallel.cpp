#include "core/engine/layers/parallel.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace millm::engine {

namespace {

constexpr std::array names = {"arrange", "multiply", "attend", "norm", "rotate", "activate", "recur", "pack"};

std::array<std::atomic<int>, names.size()> most;

std::atomic<int> &most_of(Loop loop) {
    return most[static_cast<std::size_t>(loop)];
}

}  // namespace

std::uint64_t ThreadCount::next_run() {
    static std::atomic<std::uint64_t> runs{0};
    return runs.fetch_add(1, std::memory_order_relaxed) + 1;
}

void ThreadCount::enter() {
    thread_local std::uint64_t entered = 0;
    if (entered == run_) return;
    entered = run_;
    threads_.fetch_add(1, std::memory_order_relaxed);
}

ThreadCount::~ThreadCount() {
    const int threads = threads_.load(std::memory_order_relaxed);
    int before = most_of(loop_).load(std::memory_order_relaxed);
    while (before < threads && !most_of(loop_).compare_exchange_weak(before, threads, std::memory_order_relaxed)) {
    }
}

std::vector<LoopThreads> loop_threads() {
    std::vector<LoopThreads> result;
    for (std::size_t i = 0; i < names.size(); ++i) result.push_back({names[i], most[i].load()});
    return result;
}

void copy_in_parallel(std::span<const std::byte> from, void *to) {
    constexpr std::int64_t piece = std::int64_t{1} << 20;
    const auto size = static_cast<std::int64_t>(from.size());
    parallel_rows(Loop::Pack, (size + piece - 1) / piece, 1, [&](std::int64_t first, std::int64_t last) {
        std::memcpy(static_cast<std::byte *>(to) + first * piece, from.data() + first * piece,
                    static_cast<std::size_t>(std::min(size, last * piece) - first * piece));
    });
}

void reset_loop_threads() {
    for (std::atomic<int> &threads : most) threads = 0;
}

}  // namespace millm::engine
