#include "core/engine/plugin/counted_memory.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <algorithm>
#include <atomic>

#include <malloc.h>

namespace millm::engine {

namespace {

std::atomic<std::uint64_t> held{0}, most{0};

void release(void *memory) {
    if (memory == nullptr) return;
    held.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
    c10::free_cpu(memory);
}

/// torch's own allocations, counted.
class CountingAllocator : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        void *memory = c10::alloc_cpu(bytes);
        if (memory != nullptr) {
            const std::uint64_t size = malloc_usable_size(memory), now = held.fetch_add(size, std::memory_order_relaxed) + size;
            std::uint64_t before = most.load(std::memory_order_relaxed);
            while (before < now && !most.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
            }
        }
        return {memory, memory, &release, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void *to, const void *from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}  // namespace

void count_cpu_memory() {
    static CountingAllocator allocator;
    // Above what torch sets itself.
    c10::SetCPUAllocator(&allocator, 1);
}

std::uint64_t counted_cpu_bytes() {
    return held.load(std::memory_order_relaxed);
}

CountedPeak::CountedPeak() : before_(counted_cpu_bytes()) {
    most.store(before_, std::memory_order_relaxed);
}

std::uint64_t CountedPeak::bytes() const {
    return most.load(std::memory_order_relaxed) - std::min(before_, most.load(std::memory_order_relaxed));
}

}  // namespace millm::engine
