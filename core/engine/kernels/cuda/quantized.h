#pragma once

#include <cstdint>

namespace millm::engine::cuda {

/// Types of activations and of written-out weights.
enum class Half : std::uint8_t { F32, F16, BF16 };

/// bitsandbytes' 4-bit blocks over a flattened [out, in] matrix; all pointers are the device's.
struct FourBitMatrix {
    const std::uint8_t *packed = nullptr;  ///< the first of two values in the high nibble
    const float *absmax = nullptr;         ///< one a block
    const float *code = nullptr;           ///< [16]
    std::int64_t out = 0, in = 0;
    int block_shift = 6;
};

struct Int8Matrix {
    const std::int8_t *codes = nullptr;  ///< [out, in]
    const float *scale = nullptr;        ///< [out], already divided by 127
    std::int64_t out = 0, in = 0;
};

// `stream` is a cudaStream_t. Launch errors show as cudaGetLastError(), which the caller checks.

/// The matrix written out: [out, in] of `type`.
void widen(const FourBitMatrix &matrix, Half type, void *to, void *stream);
void widen(const Int8Matrix &matrix, Half type, void *to, void *stream);

/// y = x W^T for few rows: x [rows, in] and y [rows, out] of `type`, sums in f32. Weights are read once as stored.
void multiply(const FourBitMatrix &matrix, Half type, const void *x, std::int64_t rows, void *y, void *stream);
void multiply(const Int8Matrix &matrix, Half type, const void *x, std::int64_t rows, void *y, void *stream);

/// Rows that multiply() takes at most.
inline constexpr std::int64_t most_rows = 8;

}  // namespace millm::engine::cuda
