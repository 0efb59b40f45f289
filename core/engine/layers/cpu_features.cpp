#include "core/engine/layers/cpu_features.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

// OpenBLAS where libtorch is linked with it; null elsewhere.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace millm::engine {

bool cpu_has_bf16() {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    // Only where the system saves the wide registers too.
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f")) return false;
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & (1U << 5)) != 0) return true;  // AVX512_BF16
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & (1U << 22)) != 0;           // AMX-BF16
#else
    return false;
#endif
}

void set_compute_threads(int threads) {
    at::set_num_threads(threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    // Products are cut into panels by our own loops; a second pool inside each would only fight with it.
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
}

const char *blas_name() {
    return openblas_set_num_threads != nullptr ? "OpenBLAS" : "libtorch's BLAS";
}

}  // namespace millm::engine
