// Products of bf16 weights with inputs rounded to bf16, two at a time into an f32 sum (AVX512_BF16), and of packed weights,
// four at a time (VNNI). All else is AVX-512's.
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
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni,avx2,fma,f16c")

namespace millm::engine::cpu {
namespace {

#include "core/engine/kernels/cpu/vector_avx512.inl"

#include "core/engine/kernels/cpu/products.inl"

/// Sixteen rows of 4 weights against 4 values of an input: one instruction (VNNI), which takes weights without a sign.
struct P {
    static constexpr int inputs = 6, narrow_inputs = 8;
    static constexpr bool pairs = false;
    struct Sum {
        __m512i high, low;
    };
    using Weight = __m512i;
    using Code = ByteCode;
    static Code code(const std::uint8_t *table) { return byte_code(table); }
    static Weight weight(const std::uint8_t *p) { return _mm512_loadu_si512(p); }
    static void look_up(const Code &code, const std::uint8_t *p, Weight &low, Weight &high) {
        __m512i bytes[2];
        look_up_bytes(code, p, bytes);
        low = bytes[0];
        high = bytes[1];
    }
    static Sum start(std::int32_t offset) { return {_mm512_setzero_si512(), _mm512_set1_epi32(offset)}; }
    template <bool NARROW>
    static Sum add(Sum sum, Weight w, const std::int8_t *x) {
        std::int32_t high, low;
        std::memcpy(&high, x, sizeof high);
        std::memcpy(&low, x + packed_block, sizeof low);
        return {NARROW ? sum.high : _mm512_dpbusd_epi32(sum.high, w, _mm512_set1_epi32(high)),
                _mm512_dpbusd_epi32(sum.low, w, _mm512_set1_epi32(low))};
    }
    template <bool NARROW>
    static V to_float(Sum sum) {
        if (NARROW) return {_mm512_cvtepi32_ps(sum.low)};
        static_assert(PackedInputs::base == 255);
        const __m512i high = _mm512_sub_epi32(_mm512_slli_epi32(sum.high, 8), sum.high);
        return {_mm512_cvtepi32_ps(_mm512_add_epi32(high, sum.low))};
    }
    static V fma(V a, V b, V c) { return V::fma(a, b, c); }
};

#include "core/engine/kernels/cpu/packed.inl"

/// How bf16 weights meet bf16 inputs: products are exact, each lane adds those of 2 values to its f32 sum.
struct Pairs {
    using Weight = std::uint16_t;
    using Input = std::uint16_t;
    using WeightVector = __m512i;
    static constexpr std::int64_t step = 32;
    static __m512i weight(const Weight *p) { return _mm512_loadu_si512(p); }
    static __m512i weight_part(const Weight *p, std::int64_t count) {
        return _mm512_maskz_loadu_epi16(static_cast<__mmask32>((std::uint64_t{1} << count) - 1), p);
    }
    static __m512i input(const Input *p) { return weight(p); }
    static __m512i input_part(const Input *p, std::int64_t count) { return weight_part(p, count); }
    static V add_product(__m512i w, __m512i x, V sum) {
        return {_mm512_dpbf16_ps(sum.r, reinterpret_cast<__m512bh>(w), reinterpret_cast<__m512bh>(x))};
    }
};

/// Inputs as pairs of bf16.
struct RoundedPairs {
    static constexpr int inputs = V::tile_inputs, tiles = V::tile_count, steps = 1;
    static constexpr bool widens = false;
    using Stored = std::uint16_t;
    using Input = std::uint16_t;
    using Weight = __m512i;
    static __m512i weight(const std::uint16_t *p, int, int) { return _mm512_loadu_si512(p); }
    static __m512i input(const std::uint16_t *x, int) {
        std::int32_t pair;
        std::memcpy(&pair, x, sizeof pair);
        return _mm512_set1_epi32(pair);
    }
    static V add(V sum, __m512i weight, __m512i input) {
        return {_mm512_dpbf16_ps(sum.r, reinterpret_cast<__m512bh>(weight), reinterpret_cast<__m512bh>(input))};
    }
};

std::int64_t bf16_input_bytes(const WeightMatrix &m, std::int64_t vectors) {
    return m.bf16_inputs ? vectors * m.in * static_cast<std::int64_t>(sizeof(std::uint16_t)) : input_bytes(m, vectors);
}

void bf16_arrange(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                  void *to) {
    if (!m.bf16_inputs) return arrange(m, x, vectors, first, last, to);
    auto *out = static_cast<std::uint16_t *>(to);
    const std::int64_t end = last * m.in;
    std::int64_t k = first * m.in;
    for (; k + 16 <= end; k += 16)
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + k),
                            reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_loadu_ps(x + k))));
    if (k == end) return;
    const auto mask = static_cast<__mmask16>((1U << (end - k)) - 1);
    _mm256_mask_storeu_epi16(out + k, mask, reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + k))));
}

void bf16_multiply(const WeightMatrix &m, const void *x, std::int64_t vectors, std::int64_t first, std::int64_t last, float *y,
                   std::int64_t y_stride) {
    if (!m.bf16_inputs) return avx512_kernels().multiply(m, x, vectors, first, last, y, y_stride);
    if (m.tiled) return multiply_tiles<RoundedPairs>(m, x, vectors, first, last, y, y_stride);
    multiply_as_stored<Pairs>(static_cast<const std::uint16_t *>(m.values), m.in, static_cast<const std::uint16_t *>(x),
                              vectors, first, last, y, y_stride);
}

}  // namespace

const Kernels &avx512_bf16_kernels() {
    static const Kernels kernels = [] {
        Kernels k = avx512_kernels();
        k.name = "AVX-512 with BF16";
        k.bf16_products = true;
        // Intel's takes the time of three to four exact ones, which do half of its work each.
        k.rounds_inputs = __builtin_cpu_is("amd") != 0;
        k.tiles_rounded = true;
        k.input_bytes = bf16_input_bytes;
        k.arrange = bf16_arrange;
        k.multiply = bf16_multiply;
        k.arrange_packed = arrange_packed<P>;
        k.multiply_packed = multiply_packed<P>;
        return k;
    }();
    return kernels;
}

}  // namespace millm::engine::cpu

#pragma GCC pop_options
#endif
