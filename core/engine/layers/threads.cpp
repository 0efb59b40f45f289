#include "core/engine/layers/threads.h"

#include "core/engine/kernels/cpu/core_count.h"
#include "core/engine/layers/parallel.h"

#include <omp.h>

// OpenBLAS where libtorch is linked with it; null elsewhere.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace millm::engine {

namespace {
std::atomic<int> compute_threads{1};
}

void set_compute_threads(int threads) {
    compute_threads = threads > 0 ? threads : cpu::available_cores();
    reset_loop_threads();
    // The pool of OpenMP is the only one: a product that OpenBLAS computes is one of several that a loop of libtorch's cut.
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    use_compute_threads();
}

void use_compute_threads() {
    if (omp_get_max_threads() != compute_threads || at::get_num_threads() != compute_threads)
        at::set_num_threads(compute_threads);
}

const char *blas_name() {
    return openblas_set_num_threads != nullptr ? "OpenBLAS" : "libtorch's BLAS";
}

}  // namespace millm::engine
