#pragma once

// CUDA's language for a compiler of the host, for tests: the kernels' own sources run on any machine. A block's threads are
// fibers that take turns where they wait for each other; blocks follow one another. Shared memory holds no numbers when a block
// begins and has exactly the size that the launch names. What would be undefined on a device fails: a thread that ends while
// others of its block wait for it, more shared memory than a block can have, tiles that are not aligned as their instruction
// asks.

// Fibers jump from stack to stack, which a check of jumps takes for a mistake.
#undef _FORTIFY_SOURCE

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <csetjmp>

#include <ucontext.h>

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};

namespace millm::engine::cuda::host {

/// Where a fiber stands.
enum class Waits : std::uint8_t { No, Warp, Block, Ended };

constexpr unsigned warp_threads = 32, most_threads = 1024;
constexpr std::size_t fiber_stack = std::size_t{128} << 10, most_shared = std::size_t{96} << 10;

/// A thread of the block. It lives on from block to block: beginning one asks the system, going on does not.
struct Fiber {
    std::unique_ptr<char[]> stack;
    jmp_buf place;
    bool begun = false;
    Waits waits = Waits::No;
};

/// The block that runs; there is one at a time.
struct Block {
    dim3 grid, place;
    unsigned threads = 0, current = 0;
    std::unique_ptr<unsigned char[]> shared;
    std::vector<std::uint64_t> exchanged;  ///< a value a thread, for shuffles
    jmp_buf scheduler;
    std::exception_ptr failure;
    const std::function<void()> *work = nullptr;
};
inline Block *running = nullptr;
inline std::vector<Fiber> fibers;
inline std::uint64_t launches = 0;

inline void wait_for(Waits what) {
    Fiber &fiber = fibers[running->current];
    fiber.waits = what;
    if (_setjmp(fiber.place) == 0) _longjmp(running->scheduler, 1);
}

inline void live_as_fiber() {
    for (;;) {
        try {
            (*running->work)();
        } catch (...) {
            running->failure = std::current_exception();
        }
        wait_for(Waits::Ended);
    }
}

inline void go_on(Fiber &fiber) {
    if (_setjmp(running->scheduler) != 0) return;
    if (fiber.begun) _longjmp(fiber.place, 1);
    fiber.begun = true;
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = fiber.stack.get();
    context.uc_stack.ss_size = fiber_stack;
    context.uc_link = nullptr;
    makecontext(&context, live_as_fiber, 0);
    setcontext(&context);
}

/// Lets the threads [first, last) go on where all of them wait for `what`.
inline bool release(unsigned first, unsigned last, Waits what) {
    for (unsigned t = first; t < last; ++t)
        if (fibers[t].waits != what) return false;
    for (unsigned t = first; t < last; ++t) fibers[t].waits = Waits::No;
    return true;
}

inline void run_block(Block &block) {
    for (unsigned t = 0; t < block.threads; ++t) fibers[t].waits = Waits::No;
    for (bool any = true; any;) {
        any = false;
        // Backwards every second time, so that no order is relied upon.
        for (unsigned turn = 0; turn < block.threads; ++turn) {
            const unsigned t = block.place.x % 2 == 0 ? turn : block.threads - 1 - turn;
            if (fibers[t].waits != Waits::No) continue;
            any = true;
            block.current = t;
            go_on(fibers[t]);
            if (block.failure) return;
        }
        for (unsigned first = 0; first < block.threads; first += warp_threads)
            any =
                release(first, first + warp_threads < block.threads ? first + warp_threads : block.threads, Waits::Warp) || any;
        any = release(0, block.threads, Waits::Block) || any;
    }
    for (unsigned t = 0; t < block.threads; ++t)
        if (fibers[t].waits != Waits::Ended)
            block.failure =
                std::make_exception_ptr(std::logic_error("threads of a block wait for others that ended or wait elsewhere"));
}

inline void run(dim3 grid, unsigned threads, std::size_t shared, const std::function<void()> &work) {
    constexpr unsigned most_other = 65535;  // blocks of the second and third dimension
    if (threads == 0 || threads > most_threads || shared > most_shared || grid.x == 0 || grid.y == 0 || grid.z == 0 ||
        grid.y > most_other || grid.z > most_other)
        throw std::logic_error("a launch that no device takes");
    ++launches;
    if (fibers.size() < most_threads) fibers.resize(most_threads);  // once: they are pointed to
    for (unsigned t = 0; t < threads; ++t)
        if (!fibers[t].stack) fibers[t].stack.reset(new char[fiber_stack]);
    Block block;
    block.grid = grid;
    block.threads = threads;
    block.exchanged.resize(threads);
    block.work = &work;
    running = &block;
    block.shared.reset(new unsigned char[shared]);
    for (unsigned z = 0; z < grid.z && !block.failure; ++z)
        for (unsigned y = 0; y < grid.y && !block.failure; ++y)
            for (unsigned x = 0; x < grid.x && !block.failure; ++x) {
                block.place = {x, y, z};
                std::memset(block.shared.get(), 0xFF, shared);  // no number in any type
                run_block(block);
            }
    running = nullptr;
    if (!block.failure) return;
    // Those that wait in the middle of a kernel begin anew.
    for (Fiber &fiber : fibers) fiber.begun = false;
    std::rethrow_exception(block.failure);
}

template <class T>
T shuffled(T value, unsigned from) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    std::memcpy(&running->exchanged[running->current], &value, sizeof value);
    wait_for(Waits::Warp);
    std::memcpy(&value, &running->exchanged[from < running->threads ? from : running->current], sizeof value);
    wait_for(Waits::Warp);
    return value;
}

}  // namespace millm::engine::cuda::host

#define gridDim (millm::engine::cuda::host::running->grid)
#define blockIdx (millm::engine::cuda::host::running->place)
#define blockDim (dim3{millm::engine::cuda::host::running->threads, 1, 1})
#define threadIdx (dim3{millm::engine::cuda::host::running->current, 0, 0})

inline void __syncthreads() {
    millm::engine::cuda::host::wait_for(millm::engine::cuda::host::Waits::Block);
}
inline void __syncwarp() {
    millm::engine::cuda::host::wait_for(millm::engine::cuda::host::Waits::Warp);
}
template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
    return millm::engine::cuda::host::shuffled(value,
                                               millm::engine::cuda::host::running->current ^ static_cast<unsigned>(mask));
}

using __half = _Float16;
using __nv_bfloat16 = __bf16;
inline float __half2float(__half x) {
    return static_cast<float>(x);
}
inline __half __float2half_rn(float x) {
    return static_cast<__half>(x);
}
inline float __bfloat162float(__nv_bfloat16 x) {
    return static_cast<float>(x);
}
inline __nv_bfloat16 __float2bfloat16_rn(float x) {
    return static_cast<__nv_bfloat16>(x);
}
inline float rsqrtf(float x) {
    return 1.0F / std::sqrt(x);
}
