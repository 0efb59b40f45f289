#include "core/engine/kernels/cpu/kernels.h"

#include "core/engine/kernels/cpu/levels.h"

#include <array>
#include <cstddef>
#include <vector>

namespace millm::engine::cpu {

namespace {

struct Usable {
    std::array<const Kernels *, 3> list{};
    std::size_t count = 0;

    Usable() {
        list[count++] = &portable_kernels;
#if defined(__x86_64__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
            list[count++] = &avx2_kernels;
            if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl")) {
                list[count++] = &avx512_kernels;
            }
        }
#endif
    }
};

const Usable &usable() {
    static const Usable instance;
    return instance;
}

}  // namespace

float *scratch(std::int64_t floats) {
    thread_local std::vector<float> memory;
    if (memory.size() < static_cast<std::size_t>(floats)) memory.resize(static_cast<std::size_t>(floats));
    return memory.data();
}

std::span<const Kernels *const> usable_kernels() {
    return {usable().list.data(), usable().count};
}

const Kernels &kernels() {
    return *usable().list[usable().count - 1];
}

}  // namespace millm::engine::cpu
