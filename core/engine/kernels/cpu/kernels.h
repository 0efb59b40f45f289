#pragma once

#include <cstdint>
#include <span>

namespace millm::engine::cpu {

/// How a matrix's values lie in memory.
enum class Format : std::uint8_t { F32, BF16, F16, Int8, FourBit };

/// A weight [out, in], row-major. Points into memory of its owner.
struct WeightMatrix {
    Format format = Format::F32;
    std::int64_t out = 0, in = 0;
    const void *values = nullptr;  ///< FourBit: nibbles of the flattened matrix, the first of two in the high one
    const float *scale = nullptr;  ///< Int8: [out], already divided by 127; FourBit: one a block of the flattened matrix
    const float *code = nullptr;   ///< FourBit: [16]
    int block_shift = 6;           ///< FourBit: log2 of the block
};

/// One query group over the keys and values of one key-value head.
struct Attention {
    Format format = Format::F32;                    ///< of keys and values: F32, BF16 or F16
    const void *keys = nullptr, *values = nullptr;  ///< [tokens, dims]
    std::int64_t tokens = 0, dims = 0;
    const float *queries = nullptr;  ///< [group, dims], not scaled
    std::int64_t group = 1;
    float scale = 1;
    float *scores = nullptr;  ///< scratch [group, tokens]
    float *out = nullptr;     ///< [group, dims]
};

/// The kernels of one instruction set. All take plain pointers, run on the calling thread and work on the rows they are
/// told, so that the caller cuts the work into threads. Sums are in f32.
struct Kernels {
    const char *name;
    /// y[v * y_stride + r] = x[v] . w[r] for rows r in [first, last) and `vectors` x of `w.in` values.
    void (*multiply)(const WeightMatrix &w, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                     float *y, std::int64_t y_stride);
    /// Rows [first, last) as f32 into out [last - first, in].
    void (*widen)(const WeightMatrix &w, std::int64_t first, std::int64_t last, float *out);
    void (*attend)(const Attention &attention);
    /// out = x / rms(x) * weight over one row.
    void (*rms_norm)(const float *x, const float *weight, float eps, std::int64_t size, float *out);
    /// Rotates the first 2 * half values of a head in place: pairs (i, i + half).
    void (*rotate)(float *x, const float *cos, const float *sin, std::int64_t half);
    /// gate = silu(gate) * up
    void (*silu_multiply)(float *gate, const float *up, std::int64_t size);
};

/// Memory of the calling thread, good until its next call. Not in the levels' files, which must not instantiate templates.
float *scratch(std::int64_t floats);

/// From the plainest to the best that this machine runs.
std::span<const Kernels *const> usable_kernels();
/// The best of them.
const Kernels &kernels();

}  // namespace millm::engine::cpu
