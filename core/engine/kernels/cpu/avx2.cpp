// Kernels for x86 with AVX2, FMA and F16C.
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
#pragma GCC target("avx2,fma,f16c")

namespace millm::engine::cpu {
namespace {

struct V {
    static constexpr int width = 8;
    static constexpr int rows = 2, vectors = 6;  ///< of a block of products: 12 sums, 2 weights and an input in 16 registers
    /// Of a block of tiled products: 10 sums, 2 weights, an input and a mask.
    static constexpr bool tiles = true;
    static constexpr int tile_inputs = 5, tile_count = 1;
    /// Of a block of attention: 10 sums, 2 vectors of keys and a query; sum() adds lanes by halves.
    static constexpr bool halves_sums = true;
    static constexpr int block_queries = 5, block_vectors = 2;
    __m256 r;

    static V zero() { return {_mm256_setzero_ps()}; }
    static V set(float value) { return {_mm256_set1_ps(value)}; }
    static V load(const float *p) { return {_mm256_loadu_ps(p)}; }
    void store(float *p) const { _mm256_storeu_ps(p, r); }
    static V add(V a, V b) { return {_mm256_add_ps(a.r, b.r)}; }
    static V mul(V a, V b) { return {_mm256_mul_ps(a.r, b.r)}; }
    static V div(V a, V b) { return {_mm256_div_ps(a.r, b.r)}; }
    static V max(V a, V b) { return {_mm256_max_ps(a.r, b.r)}; }
    static V fma(V a, V b, V c) { return {_mm256_fmadd_ps(a.r, b.r, c.r)}; }
    static V exp(V x);
    float sum() const {
        const __m128 half = _mm_add_ps(_mm256_castps256_ps128(r), _mm256_extractf128_ps(r, 1));
        const __m128 pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
        return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
    }
    /// sum() of each.
    static V sums(const V (&v)[width]) {
        __m256 four[4], two[2];
        for (int i = 0; i < 4; ++i)
            four[i] = _mm256_add_ps(_mm256_permute2f128_ps(v[i].r, v[i + 4].r, 0x20),
                                    _mm256_permute2f128_ps(v[i].r, v[i + 4].r, 0x31));
        for (int i = 0; i < 2; ++i) {
            const __m256d a = _mm256_castps_pd(four[2 * i]), b = _mm256_castps_pd(four[2 * i + 1]);
            two[i] = _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
        }
        return {_mm256_add_ps(_mm256_shuffle_ps(two[0], two[1], 0x88), _mm256_shuffle_ps(two[0], two[1], 0xDD))};
    }
    float largest() const {
        const __m128 half = _mm_max_ps(_mm256_castps256_ps128(r), _mm256_extractf128_ps(r, 1));
        const __m128 pair = _mm_max_ps(half, _mm_movehl_ps(half, half));
        return _mm_cvtss_f32(_mm_max_ss(pair, _mm_movehdup_ps(pair)));
    }

    static V from_bf16(const std::uint16_t *p) {
        const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
        return {_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))};
    }
    static V bf16_of_pairs(const std::uint16_t *p, int which) {
        const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
        return {_mm256_castsi256_ps(which == 0 ? _mm256_slli_epi32(pairs, 16)
                                               : _mm256_and_si256(pairs, _mm256_set1_epi32(static_cast<int>(0xFFFF0000U))))};
    }
    static V f16_of_pairs(const std::uint16_t *p, int which) {
        const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
        const __m256i halves = which == 0 ? _mm256_and_si256(pairs, _mm256_set1_epi32(0xFFFF)) : _mm256_srli_epi32(pairs, 16);
        return {_mm256_cvtph_ps(_mm_packus_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1)))};
    }
    static V from_f16(const std::uint16_t *p) {
        return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)))};
    }
    static V from_i8(const std::int8_t *p) {
        return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(p))))};
    }

    /// The four bytes of the 16 values apart: byte shuffles look up 32 nibbles at once, and unpacking joins the bytes.
    struct Code {
        __m256i bytes[4];
    };
    static Code code(const float *table) {
        Code code;
        for (int b = 0; b < 4; ++b) {
            std::uint8_t plane[16];
            for (int i = 0; i < 16; ++i) std::memcpy(plane + i, reinterpret_cast<const char *>(table + i) + b, 1);
            code.bytes[b] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(plane)));
        }
        return code;
    }
    static constexpr int parts = 8, chunk = parts * width;
    /// High nibbles in the first half, low ones in the second; unpacking works in halves of a register.
    static constexpr int place(int i) {
        const int part = i / width, lane = i % width, byte = part % 4 * 4 + lane % 4 + lane / 4 * 16;
        return 2 * byte + (part >= 4 ? 1 : 0);
    }
    /// A scale in front of the table would mean new planes for each block: here it is multiplied behind the look-up.
    struct Scaled {
        const Code *code;
        __m256 scale;
    };
    static Scaled scaled(const Code &code, float scale) { return {&code, _mm256_set1_ps(scale)}; }
    static void look_up_nibbles(const Code &code, __m256i nibbles, V *out) {
        const __m256i b0 = _mm256_shuffle_epi8(code.bytes[0], nibbles), b1 = _mm256_shuffle_epi8(code.bytes[1], nibbles);
        const __m256i b2 = _mm256_shuffle_epi8(code.bytes[2], nibbles), b3 = _mm256_shuffle_epi8(code.bytes[3], nibbles);
        const __m256i low_01 = _mm256_unpacklo_epi8(b0, b1), low_23 = _mm256_unpacklo_epi8(b2, b3);
        const __m256i high_01 = _mm256_unpackhi_epi8(b0, b1), high_23 = _mm256_unpackhi_epi8(b2, b3);
        out[0].r = _mm256_castsi256_ps(_mm256_unpacklo_epi16(low_01, low_23));
        out[1].r = _mm256_castsi256_ps(_mm256_unpackhi_epi16(low_01, low_23));
        out[2].r = _mm256_castsi256_ps(_mm256_unpacklo_epi16(high_01, high_23));
        out[3].r = _mm256_castsi256_ps(_mm256_unpackhi_epi16(high_01, high_23));
    }
    static void look_up(const Scaled &scaled, const std::uint8_t *p, V *out) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)), mask = _mm256_set1_epi8(15);
        look_up_nibbles(*scaled.code, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask), out);
        look_up_nibbles(*scaled.code, _mm256_and_si256(bytes, mask), out + 4);
        for (int part = 0; part < parts; ++part) out[part].r = _mm256_mul_ps(out[part].r, scaled.scale);
    }
};

/// e^x = 2^n e^r with |r| <= ln(2)/2 and a polynomial of degree 6 for e^r: within 2 units in the last place.
inline V V::exp(V x) {
    const __m256 clamped = _mm256_min_ps(_mm256_max_ps(x.r, _mm256_set1_ps(-87.3F)), _mm256_set1_ps(88.3F));
    const __m256 n =
        _mm256_round_ps(_mm256_mul_ps(clamped, _mm256_set1_ps(1.44269504F)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 rest = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375F), clamped);
    rest = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4F), rest);
    __m256 poly = _mm256_set1_ps(1.0F / 720);
    constexpr float coefficients[] = {1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F};
    for (const float coefficient : coefficients) poly = _mm256_fmadd_ps(poly, rest, _mm256_set1_ps(coefficient));
    const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    const __m256 result = _mm256_mul_ps(poly, _mm256_castsi256_ps(exponent));
    return {_mm256_andnot_ps(_mm256_cmp_ps(x.r, _mm256_set1_ps(-87.3F), _CMP_LT_OQ), result)};
}

/// Eight rows of 4 weights against 4 values of an input, as two products of 16 bits at a time.
struct P {
    static constexpr int inputs = 4, narrow_inputs = 4;
    static constexpr bool pairs = true;
    using Sum = __m256i;
    struct Weight {
        __m256i even, odd;
    };
    struct Code {
        __m256i table;
    };
    static Weight split(__m256i bytes) {
        return {_mm256_and_si256(bytes, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(bytes, 8)};
    }
    static Code code(const std::uint8_t *table) {
        return {_mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(table)))};
    }
    static Weight weight(const std::uint8_t *p) { return split(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p))); }
    static void look_up(const Code &code, const std::uint8_t *p, Weight &low, Weight &high) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)), mask = _mm256_set1_epi8(15);
        low = split(_mm256_shuffle_epi8(code.table, _mm256_and_si256(bytes, mask)));
        high = split(_mm256_shuffle_epi8(code.table, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask)));
    }
    static Sum start(std::int32_t offset) { return _mm256_set1_epi32(offset); }
    template <bool NARROW>
    static Sum add(Sum sum, const Weight &w, const std::int8_t *x) {
        std::int32_t even, odd;
        std::memcpy(&even, x, sizeof even);
        std::memcpy(&odd, x + sizeof even, sizeof odd);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(w.even, _mm256_set1_epi32(even)));
        return _mm256_add_epi32(sum, _mm256_madd_epi16(w.odd, _mm256_set1_epi32(odd)));
    }
    template <bool NARROW>
    static V to_float(Sum sum) {
        return {_mm256_cvtepi32_ps(sum)};
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

const Kernels &avx2_kernels() {
    static constexpr Kernels kernels = make_kernels("AVX2");
    return kernels;
}

}  // namespace millm::engine::cpu

#pragma GCC pop_options
#endif
