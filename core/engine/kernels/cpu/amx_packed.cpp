// Products of packed weights with inputs rounded to integers, a block of 16 rows by 16 inputs at a time (AMX-INT8). A block's
// weights lie as a tile instruction reads them once they have a sign; so do both parts of the inputs.
#include "core/engine/kernels/cpu/levels.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>

// After all other headers, so that no inline function of theirs is compiled for this instruction set and then shared.
// For the same reason nothing below instantiates a template of the standard library.
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,amx-tile,amx-int8")

namespace millm::engine::cpu {
namespace {

constexpr std::int64_t side = packed_rows;
constexpr std::int64_t block_bytes = side * packed_block;
/// Blocks that are given their sign at once: they stay in the first cache while all inputs pass.
constexpr std::int64_t blocks_at_once = 24;
/// They are of so many tiles where inputs are many; up to `streaming` inputs, weights are read in the order of memory.
constexpr std::int64_t most_tiles = 4, streaming = 32;

struct alignas(64) TileConfig {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t bytes_a_row[16] = {};
    std::uint8_t rows[16] = {};
};

/// Tiles 0 to 3 are sums of `inputs` rows, 4 and 5 such inputs, 6 and 7 weights.
void configure(std::int64_t inputs) {
    TileConfig config;
    for (int t = 0; t < 8; ++t) {
        config.bytes_a_row[t] = 64;
        config.rows[t] = static_cast<std::uint8_t>(t < 6 ? inputs : side);
    }
    _tile_loadconfig(&config);
}

__m512i without_128(__m512i bytes) {
    return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
}

constexpr std::int64_t scale_bytes = side * static_cast<std::int64_t>(sizeof(float));

/// Bytes of a block's scales, and of its weights.
template <Packed FORM>
constexpr std::int64_t scales_of = FORM == Packed::Bytes ? 0 : scale_bytes;
template <Packed FORM>
constexpr std::int64_t weights_of = FORM == Packed::Nibbles ? block_bytes / 2 : block_bytes;

/// `blocks` blocks at w as bytes with a sign, without the scales.
template <Packed FORM>
void give_sign(const std::uint8_t *code, const std::uint8_t *w, std::int64_t blocks, std::int8_t *to) {
    __m512i table{};
    if (FORM == Packed::Nibbles)
        table = without_128(_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(code))));
    const __m512i mask = _mm512_set1_epi8(15);
    for (std::int64_t b = 0; b < blocks; ++b, w += scales_of<FORM> + weights_of<FORM>, to += block_bytes) {
        const std::uint8_t *from = w + scales_of<FORM>;
        for (std::int64_t i = 0; i < weights_of<FORM>; i += 64) {
            __builtin_prefetch(from + i + packed_ahead, 0, 2);
            const __m512i bytes = _mm512_loadu_si512(from + i);
            if (FORM != Packed::Nibbles) {
                _mm512_store_si512(to + i, without_128(bytes));
                continue;
            }
            _mm512_store_si512(to + 2 * i, _mm512_shuffle_epi8(table, _mm512_and_si512(bytes, mask)));
            _mm512_store_si512(to + 2 * i + 64,
                               _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), mask)));
        }
    }
}

/// 16 rows against a group of inputs, along some blocks of theirs.
struct Stretch {
    const std::int8_t *w;        ///< with a sign
    const std::uint8_t *packed;  ///< the same as they lie: with the blocks' scales
    const std::int8_t *x;
    const float *factors;
    std::int64_t blocks;
    __mmask16 rows;
    const float *scale;  ///< of rows: [16], or null while blocks are still to come
    bool first;
    float *y;  ///< sums of the blocks before, unless this is the first
    std::int64_t y_stride, inputs;
};

/// Products of a block's high parts and low parts, [inputs][16 rows] each.
struct BlockProducts {
    alignas(64) std::int32_t high[side * side], low[side * side];
};

/// Blocks take turns between two sets of tiles and of products, so that one is computed while the other is added. Inputs of one
/// byte have no high parts.
template <bool NARROW>
inline void multiply_block(const Stretch &s, std::int64_t b, BlockProducts (&products)[2]) {
    constexpr std::int64_t stride = PackedInputs::place_bytes;
    const std::int8_t *w = s.w + b * block_bytes, *x = s.x + b * side * stride;
    if (b % 2 == 0) {
        _tile_zero(1);
        _tile_loadd(6, w, 64);
        if constexpr (!NARROW) {
            _tile_zero(0);
            _tile_loadd(4, x, stride);
            _tile_dpbssd(0, 4, 6);
            _tile_stored(0, products[0].high, 64);
        }
        _tile_loadd(5, x + packed_block, stride);
        _tile_dpbssd(1, 5, 6);
        _tile_stored(1, products[0].low, 64);
    } else {
        _tile_zero(3);
        _tile_loadd(7, w, 64);
        if constexpr (!NARROW) {
            _tile_zero(2);
            _tile_loadd(4, x, stride);
            _tile_dpbssd(2, 4, 7);
            _tile_stored(2, products[1].high, 64);
        }
        _tile_loadd(5, x + packed_block, stride);
        _tile_dpbssd(3, 5, 7);
        _tile_stored(3, products[1].low, 64);
    }
}

/// N: inputs of the group, rounded up to 4.
template <Packed FORM, bool NARROW, int N>
void multiply_stretch(const Stretch &s) {
    const __m512 base = _mm512_set1_ps(PackedInputs::base);
    BlockProducts products[2];
    __m512 sums[N];
    for (int i = 0; i < N; ++i)
        sums[i] = s.first || i >= s.inputs ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(s.rows, s.y + i * s.y_stride);
    multiply_block<NARROW>(s, 0, products);
    for (std::int64_t b = 0; b < s.blocks; ++b) {
        if (b + 1 < s.blocks) multiply_block<NARROW>(s, b + 1, products);
        const BlockProducts &block = products[b % 2];
        const float *factors = s.factors + b * side;
        const __m512 scale =
            FORM != Packed::Bytes ? _mm512_loadu_ps(s.packed + b * (scales_of<FORM> + weights_of<FORM>)) : _mm512_setzero_ps();
        for (int i = 0; i < N; ++i) {
            const __m512 factor = _mm512_set1_ps(factors[i]);
            __m512 whole = _mm512_cvtepi32_ps(_mm512_load_si512(block.low + i * side));
            // Both parts are exact as floats: this rounds once, as converting the whole integer does.
            if constexpr (!NARROW)
                whole = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(block.high + i * side)), base, whole);
            sums[i] = _mm512_fmadd_ps(whole, FORM != Packed::Bytes ? _mm512_mul_ps(factor, scale) : factor, sums[i]);
        }
    }
    for (int i = 0; i < N && i < s.inputs; ++i) {
        if (s.scale != nullptr) sums[i] = _mm512_mul_ps(sums[i], _mm512_loadu_ps(s.scale));
        _mm512_mask_storeu_ps(s.y + i * s.y_stride, s.rows, sums[i]);
    }
}

template <Packed FORM, bool NARROW>
void multiply_group(const Stretch &s) {
    switch ((s.inputs + 3) / 4) {
        case 1:
            return multiply_stretch<FORM, NARROW, 4>(s);
        case 2:
            return multiply_stretch<FORM, NARROW, 8>(s);
        case 3:
            return multiply_stretch<FORM, NARROW, 12>(s);
        default:
            return multiply_stretch<FORM, NARROW, 16>(s);
    }
}

template <Packed FORM, bool NARROW>
void multiply_tiles(const PackedMatrix &m, const PackedInputView &x, std::int64_t vectors, std::int64_t first,
                    std::int64_t last, float *y, std::int64_t y_stride) {
    alignas(64) std::int8_t weights[blocks_at_once * block_bytes];
    const std::int64_t tiles_at_once = vectors <= streaming ? 1 : most_tiles, stretch = blocks_at_once / tiles_at_once;
    const std::int64_t tile_bytes = packed_tile_bytes(FORM, m.in), blocks = x.layout.blocks;
    for (std::int64_t row = first; row < last; row += tiles_at_once * side) {
        const std::int64_t tiles = last - row < tiles_at_once * side ? (last - row + side - 1) / side : tiles_at_once;
        const std::uint8_t *packed = m.tiles + row / side * tile_bytes;
        for (std::int64_t b = 0; b < blocks; b += stretch) {
            const std::int64_t count = blocks - b < stretch ? blocks - b : stretch;
            const auto signed_tile = [&](std::int64_t t) { return weights + t * stretch * block_bytes; };
            const auto packed_tile = [&](std::int64_t t) {
                return packed + t * tile_bytes + b * (scales_of<FORM> + weights_of<FORM>);
            };
            for (std::int64_t t = 0; t < tiles; ++t) {
                give_sign<FORM>(m.code, packed_tile(t), count, signed_tile(t));
            }
            for (std::int64_t v = 0; v < vectors; v += side) {
                const std::int64_t place = x.layout.place(v, b);
                for (std::int64_t t = 0; t < tiles; ++t) {
                    const std::int64_t from = row + t * side, rows = last - from < side ? last - from : side;
                    Stretch s{};
                    s.w = signed_tile(t);
                    s.packed = packed_tile(t);
                    s.x = x.values + place * PackedInputs::place_bytes;
                    s.factors = x.factors + place;
                    s.blocks = count;
                    s.rows = static_cast<__mmask16>((1U << rows) - 1);
                    s.scale = FORM == Packed::Bytes && b + count == blocks ? m.scale + from : nullptr;
                    s.first = b == 0;
                    s.y = y + v * y_stride + from;
                    s.y_stride = y_stride;
                    s.inputs = vectors - v < side ? vectors - v : side;
                    multiply_group<FORM, NARROW>(s);
                }
            }
        }
    }
}

}  // namespace

void multiply_packed_tiles(const PackedMatrix &m, const void *input, std::int64_t vectors, std::int64_t first,
                           std::int64_t last, float *y, std::int64_t y_stride) {
    if (vectors <= PackedInputs::few) return avx512_bf16_kernels().multiply_packed(m, input, vectors, first, last, y, y_stride);
    const PackedInputView x(vectors, m.in, input);
    configure(vectors < side ? (vectors + 3) / 4 * 4 : side);
    switch (m.form) {
        case Packed::Bytes:
            if (m.narrow)
                multiply_tiles<Packed::Bytes, true>(m, x, vectors, first, last, y, y_stride);
            else
                multiply_tiles<Packed::Bytes, false>(m, x, vectors, first, last, y, y_stride);
            break;
        case Packed::ScaledBytes:
            multiply_tiles<Packed::ScaledBytes, false>(m, x, vectors, first, last, y, y_stride);
            break;
        case Packed::Nibbles:
            if (m.narrow)
                multiply_tiles<Packed::Nibbles, true>(m, x, vectors, first, last, y, y_stride);
            else
                multiply_tiles<Packed::Nibbles, false>(m, x, vectors, first, last, y, y_stride);
            break;
    }
    _tile_release();
}

}  // namespace millm::engine::cpu

#pragma GCC pop_options
#endif
