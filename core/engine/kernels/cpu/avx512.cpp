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

/// Sixteen rows of 4 weights against 4 values of an input, as two products of 16 bits at a time.
struct P {
    static constexpr int inputs = 8, narrow_inputs = 8;
    static constexpr bool pairs = true;
    using Sum = __m512i;
    struct Weight {
        __m512i even, odd;
    };
    using Code = ByteCode;
    static Weight split(__m512i bytes) {
        return {_mm512_and_si512(bytes, _mm512_set1_epi16(0xFF)), _mm512_srli_epi16(bytes, 8)};
    }
    static Code code(const std::uint8_t *table) { return byte_code(table); }
    static Weight weight(const std::uint8_t *p) { return split(_mm512_loadu_si512(p)); }
    static void look_up(const Code &code, const std::uint8_t *p, Weight &low, Weight &high) {
        __m512i bytes[2];
        look_up_bytes(code, p, bytes);
        low = split(bytes[0]);
        high = split(bytes[1]);
    }
    static Sum start(std::int32_t offset) { return _mm512_set1_epi32(offset); }
    template <bool NARROW>
    static Sum add(Sum sum, const Weight &w, const std::int8_t *x) {
        std::int32_t even, odd;
        std::memcpy(&even, x, sizeof even);
        std::memcpy(&odd, x + sizeof even, sizeof odd);
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(w.even, _mm512_set1_epi32(even)));
        return _mm512_add_epi32(sum, _mm512_madd_epi16(w.odd, _mm512_set1_epi32(odd)));
    }
    template <bool NARROW>
    static V to_float(Sum sum) {
        return {_mm512_cvtepi32_ps(sum)};
    }
    static V fma(V a, V b, V c) { return V::fma(a, b, c); }
};

// In this order: each builds on the one before.
#include "core/engine/kernels/cpu/products.inl"

#include "core/engine/kernels/cpu/packed.inl"

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
