// Kernels for x86 with AVX-512 (F, BW, DQ, VL).
#include "core/engine/kernels/cpu/levels.h"
#include "core/engine/kernels/cpu/numbers.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>

// After all other headers, so that no inline function of theirs is compiled for this instruction set and then shared.
// For the same reason nothing below instantiates a template of the standard library.
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")

namespace millm::engine::cpu {
namespace {

#include "core/engine/kernels/cpu/vector_avx512.inl"

// In this order: each builds on the one before.
#include "core/engine/kernels/cpu/products.inl"

#include "core/engine/kernels/cpu/attention.inl"

#include "core/engine/kernels/cpu/recurrence.inl"

#include "core/engine/kernels/cpu/rows.inl"

}  // namespace

const Kernels &avx512_kernels() {
    static constexpr Kernels kernels = make_kernels("AVX-512");
    return kernels;
}

}  // namespace millm::engine::cpu

#pragma GCC pop_options
#endif
