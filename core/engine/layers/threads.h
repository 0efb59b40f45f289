#pragma once

namespace millm::engine {

/// Sets the threads that everything on the CPU computes with; 0 = the cores that this process may use.
void set_compute_threads(int threads);

/// Brings the calling thread's loops to that number: OpenMP keeps it per thread. Called before each pass.
void use_compute_threads();

/// "OpenBLAS"
const char *blas_name();

}  // namespace millm::engine
