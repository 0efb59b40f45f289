#pragma once

#include "core/engine/kernels/cpu/kernels.h"

namespace millm::engine::cpu {

const Kernels &portable_kernels();
#if defined(__x86_64__)
const Kernels &avx2_kernels();
const Kernels &avx512_kernels();
const Kernels &avx512_bf16_kernels();  ///< AVX-512's, with bf16 products
const Kernels &amx_kernels();          ///< those, with products of tiles
#endif

}  // namespace millm::engine::cpu
