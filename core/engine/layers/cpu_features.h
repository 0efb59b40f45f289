#pragma once

namespace millm::engine {

/// Whether matrix products of bf16 run on hardware for it (AMX, AVX512_BF16): elsewhere f32 is faster.
bool cpu_has_bf16();

/// Sets the threads that everything on the CPU computes with; 0 = the machine's cores.
void set_compute_threads(int threads);

/// "AVX2, OpenBLAS"
const char *blas_name();

}  // namespace millm::engine
