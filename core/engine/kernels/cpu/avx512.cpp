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

/// Sixteen rows of 4 weights against 4 values of an input. The processor adds two products of an unsigned and a signed byte in
/// 16 bits, which hold them where neither is above 128: so it gets the weights' sizes, and the inputs with the weights' signs.
struct P {
    static constexpr int inputs = 4;
    using Sum = __m512i;
    using Code = ByteCode;
    struct Weight {
        __m512i size;
        __mmask64 negative;
    };
    static Weight with_size(__m512i bytes) {
        const __m512i value = _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
        return {_mm512_abs_epi8(value), _mm512_movepi8_mask(value)};
    }
    static Code code(const std::uint8_t *table) { return byte_code(table); }
    static Weight weight(const std::uint8_t *p) { return with_size(_mm512_loadu_si512(p)); }
    static void look_up(const Code &code, const std::uint8_t *p, Weight &low, Weight &high) {
        __m512i bytes[2];
        look_up_bytes(code, p, bytes);
        low = with_size(bytes[0]);
        high = with_size(bytes[1]);
    }
    static Sum start(std::int32_t) { return _mm512_setzero_si512(); }
    static Sum add(Sum sum, const Weight &w, const std::int8_t *x) {
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pairs(w, x), _mm512_set1_epi16(PackedInputs::base)));
        return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs(w, x + packed_block), _mm512_set1_epi16(1)));
    }
    static __m512i pairs(const Weight &w, const std::int8_t *x) {
        std::int32_t values;
        std::memcpy(&values, x, sizeof values);
        const __m512i input = _mm512_set1_epi32(values);
        return _mm512_maddubs_epi16(w.size, _mm512_mask_sub_epi8(input, w.negative, _mm512_setzero_si512(), input));
    }
    static V to_float(Sum sum) { return {_mm512_cvtepi32_ps(sum)}; }
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
