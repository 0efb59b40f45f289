#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace millm::bench {

/// Seconds of `threads` calls f(thread) side by side.
template <class F>
double seconds_of(int threads, F f) {
    const auto start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> others;
        for (int thread = 1; thread < threads; ++thread) others.emplace_back([&f, thread] { f(thread); });
        f(0);
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Adds words up from four places at once, which is as fast as one core reads.
inline std::uint64_t read_all(const std::uint64_t *from, std::size_t words) {
    constexpr std::size_t streams = 4, lanes = 8;
    std::uint64_t sums[streams][lanes] = {}, total = 0;
    const std::size_t size = words / streams / lanes * lanes;
    for (std::size_t i = 0; i < size; i += lanes)
        for (std::size_t s = 0; s < streams; ++s)
            for (std::size_t j = 0; j < lanes; ++j) sums[s][j] += from[s * size + i + j];
    for (const auto &stream : sums)
        for (const std::uint64_t sum : stream) total += sum;
    return total;
}

/// What memory does here, in GB/s: the limits that tables are held against.
struct MemoryRates {
    double read = 0;  ///< a plain loop that adds up what it reads, past every cache
    double copy = 0;  ///< memcpy into memory that the system has yet to give, as a load's is
};

inline MemoryRates memory_rates(int threads) {
    constexpr std::size_t bytes = std::size_t{512} << 20, words = bytes / 8, large_page = std::size_t{2} << 20;
    std::vector<std::uint64_t> memory(words, 1);
    const std::size_t share = words / static_cast<std::size_t>(threads) / 8 * 8;
    double read = 1e9, copy = 1e9;
    volatile std::uint64_t sink = 0;
    for (int round = 0; round < 4; ++round) {
        read = std::min(read, seconds_of(threads, [&](int thread) {
                            sink = sink + read_all(memory.data() + static_cast<std::size_t>(thread) * share, share);
                        }));
        void *fresh = ::mmap(nullptr, bytes + large_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (fresh == MAP_FAILED) continue;
        ::madvise(fresh, bytes + large_page, MADV_HUGEPAGE);
        copy = std::min(copy, seconds_of(threads, [&](int thread) {
                            const std::size_t begin = static_cast<std::size_t>(thread) * share * 8;
                            std::memcpy(static_cast<char *>(fresh) + begin,
                                        reinterpret_cast<const char *>(memory.data()) + begin, share * 8);
                        }));
        ::munmap(fresh, bytes + large_page);
    }
    return {static_cast<double>(bytes) / read / 1e9, static_cast<double>(bytes) / copy / 1e9};
}

}  // namespace millm::bench
