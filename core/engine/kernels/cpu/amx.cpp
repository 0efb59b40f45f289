// Products of bf16 weights with inputs rounded to bf16, a tile of 16 rows by 16 inputs at a time (AMX-BF16). Weights are read
// as they are stored; inputs are interleaved in pairs beforehand. All else is that of AVX-512 with BF16.
#include "core/engine/kernels/cpu/levels.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>

// After all other headers, so that no inline function of theirs is compiled for this instruction set and then shared.
// For the same reason nothing below instantiates a template of the standard library.
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni,avx2,fma,f16c,amx-tile,amx-bf16")

namespace millm::engine::cpu {
namespace {

constexpr std::int64_t side = 16;   // rows and inputs of a tile
constexpr std::int64_t depth = 32;  // values along a row that a tile holds
constexpr std::int64_t tile_values = side * depth;
static_assert(side == input_unit);

/// Other widths are left to AVX-512.
bool tiled(const WeightMatrix &m) {
    return m.bf16_inputs && !m.tiled && m.in % depth == 0;
}

std::int64_t tile_input_bytes(const WeightMatrix &m, std::int64_t vectors) {
    if (!tiled(m)) return avx512_bf16_kernels().input_bytes(m, vectors);
    return (vectors + side - 1) / side * side * m.in * static_cast<std::int64_t>(sizeof(std::uint16_t));
}

/// [groups of 16 inputs][in / 32] tiles of [16 pairs][16 inputs][2]; missing inputs are zeros.
void tile_arrange(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                  void *to) {
    if (!tiled(m)) return avx512_bf16_kernels().arrange(m, x, vectors, first, last, to);
    for (std::int64_t v = first; v < last; v += side) {
        auto *tile = static_cast<std::uint32_t *>(to) + v * m.in / 2;
        const std::int64_t count = vectors - v < side ? vectors - v : side;
        if (count < side) std::memset(tile, 0, static_cast<std::size_t>(side * m.in) * sizeof(std::uint16_t));
        for (std::int64_t k = 0; k < m.in; k += depth, tile += tile_values / 2) {
            for (std::int64_t i = 0; i < count; ++i) {
                const float *values = x + (v + i) * m.in + k;
                alignas(64) std::uint32_t pairs[side];
                const __m512bh halves = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(values + 16), _mm512_loadu_ps(values));
                _mm512_store_si512(pairs, reinterpret_cast<__m512i>(halves));
                for (std::int64_t p = 0; p < side; ++p) tile[p * side + i] = pairs[p];
            }
        }
    }
}

struct alignas(64) TileConfig {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t bytes_a_row[16] = {};
    std::uint8_t rows[16] = {};
};

/// Tiles 0 to 3 are sums, 4 and 5 weights of `rows` rows, 6 and 7 inputs.
void configure(std::int64_t rows) {
    TileConfig config;
    for (int t = 0; t < 8; ++t) {
        config.bytes_a_row[t] = 64;
        config.rows[t] = static_cast<std::uint8_t>(t < 6 ? rows : side);
    }
    _tile_loadconfig(&config);
}

/// Sums [rows of w][16 inputs] into y[input][row]; `count` inputs are real.
void write_out(const float *sums, std::int64_t rows, std::int64_t count, float *y, std::int64_t y_stride) {
    for (std::int64_t v = 0; v < count; ++v)
        for (std::int64_t r = 0; r < rows; ++r) y[v * y_stride + r] = sums[r * side + v];
}

/// What one run over a row's width takes: R groups of 16 rows against C groups of 16 inputs.
struct Block {
    const std::uint16_t *w;  ///< first row
    std::int64_t in;
    const std::uint16_t *x;  ///< first group's tiles
};

constexpr std::int64_t prefetch_tiles = 8;

template <int R, int C>
inline void run(const Block &b) {
    const std::int64_t stride = b.in * 2;
    _tile_zero(0);
    if (C > 1) _tile_zero(1);
    if (R > 1) _tile_zero(2);
    if (R > 1 && C > 1) _tile_zero(3);
    const std::uint16_t *x = b.x, *second_x = b.x + side * b.in;
    for (std::int64_t k = 0; k < b.in; k += depth, x += tile_values, second_x += tile_values) {
        const std::uint16_t *w = b.w + k;
        _tile_loadd(4, w, stride);
        _tile_loadd(6, x, 64);
        if (C == 1) {
            // Few inputs: weights come from memory, and tile loads alone do not run ahead of it.
            for (std::int64_t r = 0; r < R * side; ++r)
                _mm_prefetch(reinterpret_cast<const char *>(w + r * b.in + prefetch_tiles * depth), _MM_HINT_T1);
        }
        _tile_dpbf16ps(0, 4, 6);
        if (C > 1) {
            _tile_loadd(7, second_x, 64);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (R > 1) {
            _tile_loadd(5, w + side * b.in, stride);
            _tile_dpbf16ps(2, 5, 6);
            if (C > 1) _tile_dpbf16ps(3, 5, 7);
        }
    }
}

template <int R, int C>
inline void block(const Block &b, std::int64_t rows, std::int64_t vectors, float *y, std::int64_t y_stride) {
    run<R, C>(b);
    alignas(64) float sums[side * side];
    const auto count = [&](std::int64_t group) { return vectors - group * side < side ? vectors - group * side : side; };
    _tile_stored(0, sums, 64);
    write_out(sums, rows, count(0), y, y_stride);
    if (C > 1) {
        _tile_stored(1, sums, 64);
        write_out(sums, rows, count(1), y + side * y_stride, y_stride);
    }
    if (R > 1) {
        _tile_stored(2, sums, 64);
        write_out(sums, rows, count(0), y + side, y_stride);
    }
    if (R > 1 && C > 1) {
        _tile_stored(3, sums, 64);
        write_out(sums, rows, count(1), y + side * y_stride + side, y_stride);
    }
}

/// Rows whose weights stay in the second cache while all inputs pass.
constexpr std::int64_t panel_rows = 128;

/// Rows [first, last) in groups of 16 against the inputs from `v` on, up to 32 of them.
template <int C>
inline void all_rows(const WeightMatrix &m, const std::uint16_t *x, std::int64_t v, std::int64_t vectors, std::int64_t first,
                     std::int64_t last, float *y, std::int64_t y_stride) {
    const auto *w = static_cast<const std::uint16_t *>(m.values);
    float *to = y + v * y_stride;
    std::int64_t row = first;
    for (; row + 2 * side <= last; row += 2 * side)
        block<2, C>({w + row * m.in, m.in, x + v * m.in}, side, vectors - v, to + row, y_stride);
    for (; row + side <= last; row += side)
        block<1, C>({w + row * m.in, m.in, x + v * m.in}, side, vectors - v, to + row, y_stride);
    if (row == last) return;
    configure(last - row);
    block<1, C>({w + row * m.in, m.in, x + v * m.in}, last - row, vectors - v, to + row, y_stride);
    configure(side);
}

void tile_multiply(const WeightMatrix &m, const void *input, std::int64_t vectors, std::int64_t first, std::int64_t last,
                   float *y, std::int64_t y_stride) {
    if (!tiled(m)) return avx512_bf16_kernels().multiply(m, input, vectors, first, last, y, y_stride);
    const auto *x = static_cast<const std::uint16_t *>(input);
    configure(side);
    for (std::int64_t row = first; row < last; row += panel_rows) {
        const std::int64_t end = last - row < panel_rows ? last : row + panel_rows;
        for (std::int64_t v = 0; v < vectors; v += 2 * side) {
            if (vectors - v > side) {
                all_rows<2>(m, x, v, vectors, row, end, y, y_stride);
            } else {
                all_rows<1>(m, x, v, vectors, row, end, y, y_stride);
            }
        }
    }
    _tile_release();
}

}  // namespace

const Kernels &amx_kernels() {
    static const Kernels kernels = [] {
        Kernels k = avx512_bf16_kernels();
        k.name = "AMX";
        k.rounds_inputs = true;
        k.tiles_rounded = false;
        k.input_bytes = tile_input_bytes;
        k.arrange = tile_arrange;
        k.multiply = tile_multiply;
        k.multiply_packed = multiply_packed_tiles;
        return k;
    }();
    return kernels;
}

}  // namespace millm::engine::cpu

#pragma GCC pop_options
#endif
