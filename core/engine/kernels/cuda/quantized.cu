// NF4/FP4 and int8 weights on CUDA: written out for large products, read in place for the few rows of decoding.
#include "core/engine/kernels/cuda/quantized.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace millm::engine::cuda {

namespace {

constexpr int threads = 256, warp = 32, warps = threads / warp;

template <class T>
__device__ float to_float(T value) {
    return static_cast<float>(value);
}
template <class T>
__device__ T from_float(float value) {
    return static_cast<T>(value);
}
template <>
__device__ float to_float(__nv_bfloat16 value) {
    return __bfloat162float(value);
}
template <>
__device__ __nv_bfloat16 from_float(float value) {
    return __float2bfloat16_rn(value);
}
template <>
__device__ float to_float(__half value) {
    return __half2float(value);
}
template <>
__device__ __half from_float(float value) {
    return __float2half_rn(value);
}

template <class T>
__global__ void widen_four_bit(FourBitMatrix m, T *to) {
    __shared__ float code[16];
    if (threadIdx.x < 16) code[threadIdx.x] = m.code[threadIdx.x];
    __syncthreads();
    const std::int64_t count = m.out * m.in;
    const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t byte = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; 2 * byte < count; byte += step) {
        const std::uint8_t pair = m.packed[byte];
        const std::int64_t flat = 2 * byte;
        to[flat] = from_float<T>(code[pair >> 4] * m.absmax[flat >> m.block_shift]);
        // Blocks are even, so both values of a byte have one scale.
        if (flat + 1 < count) to[flat + 1] = from_float<T>(code[pair & 15] * m.absmax[flat >> m.block_shift]);
    }
}

template <class T>
__global__ void widen_int8(Int8Matrix m, T *to) {
    const std::int64_t count = m.out * m.in, step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t flat = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; flat < count; flat += step)
        to[flat] = from_float<T>(static_cast<float>(m.codes[flat]) * m.scale[flat / m.in]);
}

__device__ float sum_of_warp(float value) {
    for (int offset = warp / 2; offset > 0; offset /= 2) value += __shfl_down_sync(0xFFFFFFFFU, value, offset);
    return value;
}

/// One warp a row of W, 8 values (4 bytes) a lane and step. `in` is a multiple of 8 here, so no step crosses a row's end;
/// blocks are at least 32 wide and steps aligned to 8, so a step has one scale.
template <class T, int ROWS>
__global__ void multiply_four_bit(FourBitMatrix m, const T *x, T *y) {
    __shared__ float code[16];
    if (threadIdx.x < 16) code[threadIdx.x] = m.code[threadIdx.x];
    __syncthreads();
    const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * warps + threadIdx.x / warp;
    if (row >= m.out) return;
    const int lane = threadIdx.x % warp;
    float sums[ROWS] = {};
    for (std::int64_t k = lane * 8; k < m.in; k += warp * 8) {
        const std::int64_t flat = row * m.in + k;
        const auto word = *reinterpret_cast<const std::uint32_t *>(m.packed + flat / 2);
        const float scale = m.absmax[flat >> m.block_shift];
        float part[ROWS] = {};
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            // Little-endian bytes, the high nibble of each first.
            const float weight = code[(word >> (8 * (i / 2) + (i % 2 == 0 ? 4 : 0))) & 15U];
#pragma unroll
            for (int r = 0; r < ROWS; ++r) part[r] += weight * to_float(x[r * m.in + k + i]);
        }
#pragma unroll
        for (int r = 0; r < ROWS; ++r) sums[r] += part[r] * scale;
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float total = sum_of_warp(sums[r]);
        if (lane == 0) y[r * m.out + row] = from_float<T>(total);
    }
}

/// One warp a row of W; any width.
template <class T, int ROWS>
__global__ void multiply_int8(Int8Matrix m, const T *x, T *y) {
    const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * warps + threadIdx.x / warp;
    if (row >= m.out) return;
    const int lane = threadIdx.x % warp;
    const std::int8_t *codes = m.codes + row * m.in;
    float sums[ROWS] = {};
    if (m.in % 4 == 0) {
        for (std::int64_t k = lane * 4; k < m.in; k += warp * 4) {
            const char4 four = *reinterpret_cast<const char4 *>(codes + k);
            const float weights[4] = {static_cast<float>(four.x), static_cast<float>(four.y), static_cast<float>(four.z),
                                      static_cast<float>(four.w)};
#pragma unroll
            for (int i = 0; i < 4; ++i)
#pragma unroll
                for (int r = 0; r < ROWS; ++r) sums[r] += weights[i] * to_float(x[r * m.in + k + i]);
        }
    } else {
        for (std::int64_t k = lane; k < m.in; k += warp)
            for (int r = 0; r < ROWS; ++r) sums[r] += static_cast<float>(codes[k]) * to_float(x[r * m.in + k]);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float total = sum_of_warp(sums[r]);
        if (lane == 0) y[r * m.out + row] = from_float<T>(total * m.scale[row]);
    }
}

unsigned blocks_for(std::int64_t items) {
    const std::int64_t blocks = (items + threads - 1) / threads;
    return static_cast<unsigned>(blocks < 65535 ? blocks : 65535);
}

template <class T, int ROWS>
void launch(const FourBitMatrix &m, const void *x, void *y, cudaStream_t stream) {
    multiply_four_bit<T, ROWS><<<static_cast<unsigned>((m.out + warps - 1) / warps), threads, 0, stream>>>(
        m, static_cast<const T *>(x), static_cast<T *>(y));
}
template <class T, int ROWS>
void launch(const Int8Matrix &m, const void *x, void *y, cudaStream_t stream) {
    multiply_int8<T, ROWS><<<static_cast<unsigned>((m.out + warps - 1) / warps), threads, 0, stream>>>(
        m, static_cast<const T *>(x), static_cast<T *>(y));
}

/// The kernel that is made for so many rows, at most ROWS.
template <class T, int ROWS = most_rows, class Matrix>
void multiply_rows(const Matrix &m, const void *x, std::int64_t rows, void *y, cudaStream_t stream) {
    if (rows == ROWS) return launch<T, ROWS>(m, x, y, stream);
    if constexpr (ROWS > 1) multiply_rows<T, ROWS - 1>(m, x, rows, y, stream);
}

/// Calls `work` with a value of the type that `type` names.
template <class Work>
void with_type(Half type, const Work &work) {
    switch (type) {
        case Half::F32:
            return work(float());
        case Half::F16:
            return work(__half());
        case Half::BF16:
            return work(__nv_bfloat16());
    }
}

template <class Matrix>
void multiply_typed(const Matrix &m, Half type, const void *x, std::int64_t rows, void *y, void *stream) {
    with_type(type, [&](auto value) { multiply_rows<decltype(value)>(m, x, rows, y, static_cast<cudaStream_t>(stream)); });
}

}  // namespace

void widen(const FourBitMatrix &m, Half type, void *to, void *stream) {
    const unsigned blocks = blocks_for((m.out * m.in + 1) / 2);
    with_type(type, [&](auto value) {
        widen_four_bit<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(m, static_cast<decltype(value) *>(to));
    });
}

void widen(const Int8Matrix &m, Half type, void *to, void *stream) {
    const unsigned blocks = blocks_for(m.out * m.in);
    with_type(type, [&](auto value) {
        widen_int8<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(m, static_cast<decltype(value) *>(to));
    });
}

void multiply(const FourBitMatrix &m, Half type, const void *x, std::int64_t rows, void *y, void *stream) {
    multiply_typed(m, type, x, rows, y, stream);
}

void multiply(const Int8Matrix &m, Half type, const void *x, std::int64_t rows, void *y, void *stream) {
    multiply_typed(m, type, x, rows, y, stream);
}

}  // namespace millm::engine::cuda
