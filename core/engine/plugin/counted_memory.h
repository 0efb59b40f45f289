#pragma once

#include <cstdint>

namespace millm::engine {

/// Counts what torch holds on the CPU, from now on. Once a process, before the first tensor; more calls change nothing.
void count_cpu_memory();

/// Bytes of torch's tensors on the CPU that were made since then, now.
std::uint64_t counted_cpu_bytes();

/// The most that torch holds beyond what it held when this was made. One at a time.
class CountedPeak {
public:
    CountedPeak();
    std::uint64_t bytes() const;

private:
    std::uint64_t before_;
};

}  // namespace millm::engine
