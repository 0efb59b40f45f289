#include "core/engine/kernels/cpu/kernels.h"

#include "core/engine/kernels/cpu/levels.h"

#include <atomic>
#include <cstddef>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace millm::engine::cpu {

namespace {

bool always() {
    return true;
}

#if defined(__x86_64__)

/// A bit of cpuid's leaf 7; registers count from eax.
bool leaf_7(unsigned subleaf, int reg, unsigned bit) {
    unsigned r[4] = {};
    return __get_cpuid_count(7, subleaf, &r[0], &r[1], &r[2], &r[3]) != 0 && (r[reg] & (1U << bit)) != 0;
}

bool has_avx2() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_bf16() {
    return has_avx512() && __builtin_cpu_supports("avx512vnni") && leaf_7(1, 0, 5);
}

/// Tiles are large registers: Linux gives them to a process that asks.
bool has_amx() {
    if (!has_avx512_bf16() || !leaf_7(0, 3, 22) || !leaf_7(0, 3, 24) || !leaf_7(0, 3, 25)) return false;
    constexpr long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

#endif

// One row an instruction set; append a better one.
constexpr Level table[] = {
    {"portable", "default", "SSE41", always, portable_kernels},
#if defined(__x86_64__)
    {"avx2", "avx2", "AVX2", has_avx2, avx2_kernels},
    {"avx512", "avx512", "AVX512_CORE", has_avx512, avx512_kernels},
    {"avx512-bf16", "avx512", "AVX512_CORE_BF16", has_avx512_bf16, avx512_bf16_kernels},
    {"amx", "avx512", "ALL", has_amx, amx_kernels},
#endif
};

const std::vector<const Level *> &usable() {
    static const std::vector<const Level *> list = [] {
        std::vector<const Level *> result;
        for (const Level &level : table)
            if (level.usable()) result.push_back(&level);
        return result;
    }();
    return list;
}

struct Choice {
    std::atomic<const Level *> level{usable().back()};
    std::atomic<const Kernels *> kernels{&usable().back()->kernels()};
};

Choice &choice() {
    static Choice instance;
    return instance;
}

}  // namespace

float *scratch(std::int64_t floats) {
    thread_local std::vector<float> memory;
    if (memory.size() < static_cast<std::size_t>(floats)) memory.resize(static_cast<std::size_t>(floats));
    return memory.data();
}

std::span<const Level> levels() {
    return table;
}

std::span<const Level *const> usable_levels() {
    return usable();
}

const Level &level() {
    return *choice().level.load(std::memory_order_relaxed);
}

const Kernels &kernels() {
    return *choice().kernels.load(std::memory_order_relaxed);
}

bool choose_level(std::string_view id) {
    for (const Level *level : usable()) {
        if (id != level->id) continue;
        choice().level = level;
        choice().kernels = &level->kernels();
        return true;
    }
    return false;
}

std::string usable_level_names() {
    std::string names;
    for (const Level *level : usable()) names += (names.empty() ? "" : ", ") + std::string(level->id);
    return names;
}

}  // namespace millm::engine::cpu
