#pragma once

#include "core/engine/kernels/cpu/kernels.h"

namespace millm::engine::cpu {

const Kernels &portable_kernels();
#if defined(__x86_64__)
const Kernels &avx2_kernels();
const Kernels &avx512_kernels();
const Kernels &avx512_bf16_kernels();  ///< AVX-512's, with bf16 products
const Kernels &amx_kernels();          ///< those, with products of tiles

/// Kernels::multiply_packed with AMX-INT8.
void multiply_packed_tiles(const PackedMatrix &w, const void *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                           float *y, std::int64_t y_stride);
#endif

}  // namespace millm::engine::cpu
