#pragma once

// What the kernels are written in: CUDA, or its stand-in on the host (on_host.h), where a test compiles the same sources with
// MILLM_CUDA_ON_HOST.

#include "core/engine/kernels/cuda/kernels.h"

#if defined(MILLM_CUDA_ON_HOST)
#include "core/engine/kernels/cuda/on_host.h"
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <mma.h>
#endif

namespace millm::engine::cuda {

constexpr int warp = 32;

#if defined(MILLM_CUDA_ON_HOST)
#define MILLM_UNROLL
/// Shared memory of the block, as much as the launch says.
inline unsigned char *shared_memory() {
    return host::running->shared.get();
}
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, unsigned threads, std::size_t shared, void *, A... arguments) {
    host::run(grid, threads, shared, [&] { kernel(arguments...); });
}
#else
#define MILLM_UNROLL _Pragma("unroll")
__device__ inline unsigned char *shared_memory() {
    extern __shared__ __align__(32) unsigned char memory[];
    return memory;
}
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, unsigned threads, std::size_t shared, void *stream, A... arguments) {
    constexpr std::size_t without_asking = std::size_t{48} << 10;
    if (shared > without_asking)
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared));
    kernel<<<grid, threads, shared, static_cast<cudaStream_t>(stream)>>>(arguments...);
}
#endif

// ---- numbers ----

template <class T>
__device__ __forceinline__ float to_float(T value) {
    return value;
}
template <class T>
__device__ __forceinline__ T from_float(float value) {
    return value;
}
template <>
__device__ __forceinline__ float to_float(__nv_bfloat16 value) {
    return __bfloat162float(value);
}
template <>
__device__ __forceinline__ __nv_bfloat16 from_float(float value) {
    return __float2bfloat16_rn(value);
}
template <>
__device__ __forceinline__ float to_float(__half value) {
    return __half2float(value);
}
template <>
__device__ __forceinline__ __half from_float(float value) {
    return __float2half_rn(value);
}

/// Values that are read and written at once: 16 bytes of them.
template <class T>
struct alignas(16) Vector {
    static constexpr int width = 16 / sizeof(T);
    T values[width];
};
template <class T>
__device__ __forceinline__ Vector<T> load_vector(const T *from) {
    return *reinterpret_cast<const Vector<T> *>(from);
}

/// The sum, or the largest, of LANES lanes side by side, in each of them.
template <int LANES = warp>
__device__ __forceinline__ float sum_of_lanes(float value) {
    for (int offset = LANES / 2; offset > 0; offset /= 2) value += __shfl_xor_sync(0xFFFFFFFFU, value, offset);
    return value;
}
template <int LANES = warp>
__device__ __forceinline__ float largest_of_lanes(float value) {
    for (int offset = LANES / 2; offset > 0; offset /= 2) {
        const float other = __shfl_xor_sync(0xFFFFFFFFU, value, offset);
        value = other > value ? other : value;
    }
    return value;
}

/// The sum over a block of `warps` warps, in each thread; `memory` holds that many floats and is free again behind a barrier.
__device__ __forceinline__ float sum_of_block(float value, float *memory, int warps) {
    value = sum_of_lanes(value);
    if (threadIdx.x % warp == 0) memory[threadIdx.x / warp] = value;
    __syncthreads();
    float total = 0;
    for (int w = 0; w < warps; ++w) total += memory[w];
    __syncthreads();
    return total;
}

// ---- tiles of 16 x 16 that a warp multiplies ----

constexpr int tile_side = 16;

#if defined(MILLM_CUDA_ON_HOST)
template <class T>
constexpr bool has_tensor_cores = sizeof(T) == 2;
#else
template <class T>
constexpr bool has_tensor_cores = false;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 700
template <>
constexpr bool has_tensor_cores<__half> = true;
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
template <>
constexpr bool has_tensor_cores<__nv_bfloat16> = true;
#endif
#endif

/// A tile of sums in f32 that all lanes of a warp compute. Operands lie in shared memory, rows `lda` and `ldb` values apart;
/// pointers are aligned to 32 bytes and rows to 16. Between store() and load() of other lanes' values there is a barrier of the
/// warp.
template <class T, bool TENSOR_CORES = has_tensor_cores<T>>
class WarpTile {
public:
    __device__ void clear() {
        for (float &sum : sums_) sum = 0;
    }
    __device__ void load(const float *from, int ld) {
        for (int i = 0; i < mine; ++i) sums_[i] = from[row(i) * ld + column(i)];
    }
    /// += a [16, 16] b [16, 16]; b's columns lie where its rows would where BY_COLUMNS.
    template <bool BY_COLUMNS>
    __device__ void add(const T *a, int lda, const T *b, int ldb) {
        for (int i = 0; i < mine; ++i)
            for (int k = 0; k < tile_side; ++k)
                sums_[i] +=
                    to_float(a[row(i) * lda + k]) * to_float(BY_COLUMNS ? b[column(i) * ldb + k] : b[k * ldb + column(i)]);
    }
    __device__ void store(float *to, int ld) const {
        for (int i = 0; i < mine; ++i) to[row(i) * ld + column(i)] = sums_[i];
    }

private:
    static constexpr int mine = tile_side * tile_side / warp;
    __device__ static int row(int i) { return (static_cast<int>(threadIdx.x) % warp + i * warp) / tile_side; }
    __device__ static int column(int) { return static_cast<int>(threadIdx.x) % tile_side; }
    float sums_[mine];
};

#if defined(MILLM_CUDA_ON_HOST)
/// The first lane does what a warp's instruction does.
template <class T>
class WarpTile<T, true> {
public:
    void clear() { std::memset(sums_, 0, sizeof sums_); }
    void load(const float *from, int ld) {
        check(from, ld % 4 == 0);
        each([&](int r, int c) { sums_[r][c] = from[r * ld + c]; });
    }
    template <bool BY_COLUMNS>
    void add(const T *a, int lda, const T *b, int ldb) {
        check(a, lda % 8 == 0);
        check(b, ldb % 8 == 0);
        each([&](int r, int c) {
            for (int k = 0; k < tile_side; ++k)
                sums_[r][c] += to_float(a[r * lda + k]) * to_float(BY_COLUMNS ? b[c * ldb + k] : b[k * ldb + c]);
        });
    }
    void store(float *to, int ld) const {
        check(to, ld % 4 == 0);
        each([&](int r, int c) { to[r * ld + c] = sums_[r][c]; });
    }

private:
    template <class F>
    static void each(F &&f) {
        if (threadIdx.x % warp != 0) return;
        for (int r = 0; r < tile_side; ++r)
            for (int c = 0; c < tile_side; ++c) f(r, c);
    }
    static void check(const void *pointer, bool rows) {
        const std::uintptr_t place =
            reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(shared_memory());
        if (place % 32 != 0 || !rows) throw std::logic_error("a tile is not aligned as its instruction asks");
    }
    float sums_[tile_side][tile_side];
};
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 700
template <class T>
class WarpTile<T, true> {
public:
    __device__ void clear() { nvcuda::wmma::fill_fragment(sums_, 0.0F); }
    __device__ void load(const float *from, int ld) {
        nvcuda::wmma::load_matrix_sync(sums_, from, ld, nvcuda::wmma::mem_row_major);
    }
    template <bool BY_COLUMNS>
    __device__ void add(const T *a, int lda, const T *b, int ldb) {
        using Layout = typename Choice<BY_COLUMNS, nvcuda::wmma::col_major, nvcuda::wmma::row_major>::Type;
        nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, tile_side, tile_side, tile_side, T, nvcuda::wmma::row_major> left;
        nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, tile_side, tile_side, tile_side, T, Layout> right;
        nvcuda::wmma::load_matrix_sync(left, a, lda);
        nvcuda::wmma::load_matrix_sync(right, b, ldb);
        nvcuda::wmma::mma_sync(sums_, left, right, sums_);
    }
    __device__ void store(float *to, int ld) const {
        nvcuda::wmma::store_matrix_sync(to, sums_, ld, nvcuda::wmma::mem_row_major);
    }

private:
    template <bool FIRST, class A, class B>
    struct Choice {
        using Type = A;
    };
    template <class A, class B>
    struct Choice<false, A, B> {
        using Type = B;
    };
    nvcuda::wmma::fragment<nvcuda::wmma::accumulator, tile_side, tile_side, tile_side, float> sums_;
};
#endif

}  // namespace millm::engine::cuda
