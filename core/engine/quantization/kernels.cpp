#include "core/engine/quantization/kernels.h"

#include "core/engine/quantization/code_tables.h"
#include "core/engine/quantization/half.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

// The bodies below are plain loops that compilers vectorise. Compiled twice, once for AVX2, and picked when called.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define MILLM_HAS_AVX2_BODIES 1
#define MILLM_AVX2 __attribute__((target("avx2")))
#endif
#define MILLM_BODY __attribute__((always_inline)) inline

namespace millm::engine {
namespace {

constexpr std::size_t nf4_block = 64, scale_block = 256;
constexpr std::uint32_t infinity_bits = 0x7f800000u;

#ifdef MILLM_HAS_AVX2_BODIES
bool has_avx2() {
    static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
    return has;
}
#endif

MILLM_BODY void widen_half_body(const std::uint16_t *from, std::size_t count, float *to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = float_from_half(from[i]);
}

MILLM_BODY void widen_bfloat16_body(const std::uint16_t *from, std::size_t count, float *to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = float_from_bfloat16(from[i]);
}

/// Magnitudes compare like their bits do, and NaN and infinity come out on top: one integer maximum finds both.
MILLM_BODY std::uint32_t largest_magnitude_bits(const float *values, std::size_t count) {
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffu);
    return largest;
}

MILLM_BODY std::int32_t nf4_code_of(float x) {
    std::int32_t code = 0;
#pragma GCC unroll 15
    for (std::size_t i = 0; i < nf4_thresholds.size(); ++i) code += x > nf4_thresholds[i];
    return code;
}

/// `values` has all 64, those past the matrix's end are zero.
MILLM_BODY bool nf4_block_body(const float *values, std::byte *packed, std::size_t packed_bytes, float &absmax) {
    const std::uint32_t largest = largest_magnitude_bits(values, nf4_block);
    if (largest >= infinity_bits) return false;
    absmax = std::bit_cast<float>(largest);
    // 1/0 times 0 would be no number; 7 is the code of zero.
    const float inverse = largest ? 1.0f / absmax : 0.0f;
    std::int32_t codes[nf4_block];
    for (std::size_t i = 0; i < nf4_block; ++i) codes[i] = nf4_code_of(values[i] * inverse);
    for (std::size_t i = 0; i < packed_bytes; ++i) packed[i] = static_cast<std::byte>(codes[2 * i] << 4 | codes[2 * i + 1]);
    return true;
}

MILLM_BODY QuantizeFault nf4_body(const float *values, std::size_t count, std::byte *packed, float *absmax) {
    const std::size_t whole = count / nf4_block;
    for (std::size_t block = 0; block < whole; ++block)
        if (!nf4_block_body(values + block * nf4_block, packed + block * nf4_block / 2, nf4_block / 2, absmax[block]))
            return QuantizeFault::NotFinite;
    const std::size_t rest = count - whole * nf4_block;
    if (rest == 0) return QuantizeFault::None;
    float padded[nf4_block] = {};
    std::copy_n(values + whole * nf4_block, rest, padded);
    return nf4_block_body(padded, packed + whole * nf4_block / 2, (rest + 1) / 2, absmax[whole]) ? QuantizeFault::None
                                                                                                 : QuantizeFault::NotFinite;
}

/// Each value to half precision and back.
MILLM_BODY void round_to_half_body(const float *from, std::size_t count, float *to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = float_from_half(half_from_float(from[i]));
}

template <void (*round_to_half)(const float *, std::size_t, float *)>
MILLM_BODY QuantizeFault int8_body(const float *values, std::size_t rows, std::size_t columns, std::int8_t *codes,
                                   float *scale) {
    constexpr std::size_t step = 1024;
    float halves[step];
    for (std::size_t row = 0; row < rows; ++row) {
        const float *from = values + row * columns;
        std::int8_t *to = codes + row * columns;
        std::uint32_t largest = 0, widest = 0;
        for (std::size_t done = 0; done < columns; done += step) {
            const std::size_t part = std::min(step, columns - done);
            round_to_half(from + done, part, halves);
            widest = std::max(widest, largest_magnitude_bits(from + done, part));
            largest = std::max(largest, largest_magnitude_bits(halves, part));
        }
        if (widest >= infinity_bits) return QuantizeFault::NotFinite;
        if (largest >= infinity_bits) return QuantizeFault::BeyondHalf;
        scale[row] = std::bit_cast<float>(largest);
        // torch divides a number by a tensor as reciprocal times number; 127 / scale would round differently.
        const float factor = largest ? (1.0f / scale[row]) * 127.0f : 0.0f;
        for (std::size_t done = 0; done < columns; done += step) {
            const std::size_t part = std::min(step, columns - done);
            if (columns > step) round_to_half(from + done, part, halves);
            // Adding 1.5 * 2^23 leaves whole numbers only, rounded to even.
            for (std::size_t i = 0; i < part; ++i)
                to[done + i] =
                    static_cast<std::int8_t>(std::bit_cast<std::int32_t>(halves[i] * factor + 12582912.0f) - 0x4b400000);
        }
    }
    return QuantizeFault::None;
}

#ifdef MILLM_HAS_AVX2_BODIES
MILLM_AVX2 void widen_half_avx2(const std::uint16_t *from, std::size_t count, float *to) {
    widen_half_body(from, count, to);
}
MILLM_AVX2 void widen_bfloat16_avx2(const std::uint16_t *from, std::size_t count, float *to) {
    widen_bfloat16_body(from, count, to);
}
MILLM_AVX2 QuantizeFault nf4_avx2(const float *values, std::size_t count, std::byte *packed, float *absmax) {
    return nf4_body(values, count, packed, absmax);
}
__attribute__((target("avx2,f16c"))) void round_to_half_f16c(const float *from, std::size_t count, float *to) {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT)));
    round_to_half_body(from + i, count - i, to + i);
}
MILLM_AVX2 QuantizeFault int8_avx2(const float *values, std::size_t rows, std::size_t columns, std::int8_t *codes,
                                   float *scale) {
    return int8_body<round_to_half_f16c>(values, rows, columns, codes, scale);
}
#define MILLM_DISPATCH(name, ...) return has_avx2() ? name##_avx2(__VA_ARGS__) : name##_body(__VA_ARGS__)
#else
#define MILLM_DISPATCH(name, ...) return name##_body(__VA_ARGS__)
#endif

void widen_half(const std::uint16_t *from, std::size_t count, float *to) {
    MILLM_DISPATCH(widen_half, from, count, to);
}
void widen_bfloat16(const std::uint16_t *from, std::size_t count, float *to) {
    MILLM_DISPATCH(widen_bfloat16, from, count, to);
}
void round_to_half(const float *from, std::size_t count, float *to) {
    round_to_half_body(from, count, to);
}

}  // namespace

void widen(DType dtype, const std::byte *from, std::size_t count, float *to) {
    // Through a small aligned buffer: files do not promise alignment, and it stays in the first cache.
    constexpr std::size_t step = 2048;
    switch (dtype) {
        case DType::F32:
            std::memcpy(to, from, count * 4);
            return;
        case DType::F16:
        case DType::BF16: {
            std::array<std::uint16_t, step> buffer;
            for (std::size_t done = 0; done < count; done += step) {
                const std::size_t part = std::min(step, count - done);
                std::memcpy(buffer.data(), from + done * 2, part * 2);
                (dtype == DType::F16 ? widen_half : widen_bfloat16)(buffer.data(), part, to + done);
            }
            return;
        }
        default: {  // F64
            for (std::size_t i = 0; i < count; ++i) {
                double value;
                std::memcpy(&value, from + i * 8, 8);
                to[i] = static_cast<float>(value);
            }
        }
    }
}

QuantizeFault quantize_nf4(const float *values, std::size_t count, std::byte *packed, float *absmax) {
    MILLM_DISPATCH(nf4, values, count, packed, absmax);
}

QuantizeFault quantize_int8(const float *values, std::size_t rows, std::size_t columns, std::int8_t *codes, float *scale) {
#ifdef MILLM_HAS_AVX2_BODIES
    if (has_avx2()) return int8_avx2(values, rows, columns, codes, scale);
#endif
    return int8_body<round_to_half>(values, rows, columns, codes, scale);
}

NestedScales quantize_scales(std::span<const float> scales) {
    double sum = 0;
    for (const float scale : scales) sum += scale;
    return quantize_scales(scales, scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size())));
}

NestedScales quantize_scales(std::span<const float> scales, float offset) {
    std::array<float, 255> midpoints;
    for (std::size_t i = 0; i < midpoints.size(); ++i) midpoints[i] = (dynamic_map[i] + dynamic_map[i + 1]) * 0.5f;

    NestedScales nested;
    nested.offset = offset;
    nested.codes.resize(scales.size());
    nested.absmax.resize((scales.size() + scale_block - 1) / scale_block);
    for (std::size_t block = 0; block < nested.absmax.size(); ++block) {
        const std::size_t first = block * scale_block, last = std::min(scales.size(), first + scale_block);
        float largest = 0;
        for (std::size_t i = first; i < last; ++i) largest = std::max(largest, std::fabs(scales[i] - offset));
        nested.absmax[block] = largest;
        if (largest == 0) continue;  // all equal the offset; code 0 times 0 gives it back, as the reference writes it
        const float inverse = 1.0f / largest;
        for (std::size_t i = first; i < last; ++i) {
            const float x = (scales[i] - offset) * inverse;
            nested.codes[i] =
                static_cast<std::uint8_t>(std::lower_bound(midpoints.begin(), midpoints.end(), x) - midpoints.begin());
        }
    }
    return nested;
}

std::vector<float> restore_scales(std::span<const std::byte> codes, std::span<const float, 256> map,
                                  std::span<const float> absmax, std::size_t block, float offset) {
    std::vector<float> scales(codes.size());
    for (std::size_t begin = 0; begin < codes.size(); begin += block) {
        const float largest = absmax[begin / block];
        for (std::size_t i = begin, end = std::min(codes.size(), begin + block); i < end; ++i)
            scales[i] = map[std::to_integer<std::size_t>(codes[i])] * largest + offset;
    }
    return scales;
}

}  // namespace millm::engine
