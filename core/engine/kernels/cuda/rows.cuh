// What is done to rows on their way: norms, activations, rotations, the way into the cache, the likeliest token.
#pragma once

#include "core/engine/kernels/cuda/language.h"

namespace millm::engine::cuda {

constexpr int row_threads = 256, row_warps = row_threads / warp;

template <class T>
__global__ void __launch_bounds__(row_threads) norm_rows(NormRows n) {
    const int threads = blockDim.x, warps = threads / warp;
    auto *memory = reinterpret_cast<float *>(shared_memory());
    const std::int64_t row = blockIdx.x;
    const T *x = static_cast<const T *>(n.x) + row * n.size;
    if (n.branch != nullptr) {
        const T *branch = static_cast<const T *>(n.branch) + row * n.size;
        T *sum = static_cast<T *>(n.sum) + row * n.size;
        for (std::int64_t i = threadIdx.x; i < n.size; i += threads)
            sum[i] = from_float<T>(n.skip_scale * to_float(x[i]) + n.branch_scale * to_float(branch[i]));
        x = sum;  // what this thread reads it has written itself
    }
    float mean = 0, total = 0;
    if (n.centered) {
        for (std::int64_t i = threadIdx.x; i < n.size; i += threads) total += to_float(x[i]);
        mean = sum_of_block(total, memory, warps) / static_cast<float>(n.size);
        total = 0;
    }
    for (std::int64_t i = threadIdx.x; i < n.size; i += threads) {
        const float value = to_float(x[i]) - mean;
        total += value * value;
    }
    const float factor = rsqrtf(sum_of_block(total, memory, warps) / static_cast<float>(n.size) + n.eps);
    const std::int64_t own = row % n.own_rows * n.size;
    T *out = static_cast<T *>(n.out) + row * n.size;
    for (std::int64_t i = threadIdx.x; i < n.size; i += threads) {
        float value = (to_float(x[i]) - mean) * factor;
        if (n.weight != nullptr) value *= n.weight[own + i];
        if (n.bias != nullptr) value += n.bias[own + i];
        out[i] = from_float<T>(value);
    }
}

/// Of gpt-oss: gates beyond it are cut off.
constexpr float swish_limit = 7, swish_slope = 1.702F;

__device__ __forceinline__ float sigmoid(float x) {
    return 1.0F / (1.0F + expf(-x));
}

__device__ __forceinline__ float activated(Activation activation, float x) {
    switch (activation) {
        case Activation::Silu:
            return x * sigmoid(x);
        case Activation::GeluTanh:
            return 0.5F * x * (1.0F + tanhf(0.7978845608F * (x + 0.044715F * x * x * x)));
        case Activation::GeluErf:
            return 0.5F * x * (1.0F + erff(x * 0.7071067812F));
        case Activation::Relu:
            return x > 0 ? x : 0;
        case Activation::ReluSquared:
            return x > 0 ? x * x : 0;
        case Activation::ClampedSwish: {
            const float cut = x < swish_limit ? x : swish_limit;
            return cut * sigmoid(swish_slope * cut);
        }
        default:
            return x;
    }
}

template <class T>
__global__ void __launch_bounds__(row_threads) activate_rows(ActivateRows a) {
    const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x, row = blockIdx.y;
    if (i >= a.size) return;
    float value = activated(a.activation, to_float(static_cast<const T *>(a.gate)[row * a.gate_stride + i]));
    if (a.up != nullptr) {
        float up = to_float(static_cast<const T *>(a.up)[row * a.up_stride + i]);
        if (a.activation == Activation::ClampedSwish)
            up = (up < -swish_limit ? -swish_limit : up < swish_limit ? up : swish_limit) + 1.0F;
        value *= up;
    }
    static_cast<T *>(a.out)[row * a.out_stride + i] = from_float<T>(value);
}

/// A page's place of a head's token; pages hold [heads, page_tokens, dim].
template <class T>
__device__ T *page_row(const PageTable &table, std::int64_t part, std::int64_t token, int plane, std::int64_t head,
                       std::int64_t dim) {
    const void *page = table.pages[(part * table.capacity + token / page_tokens) * table.planes + plane];
    return static_cast<T *>(const_cast<void *>(page)) + (head * page_tokens + token % page_tokens) * dim;
}

/// A head by one warp: each value is read and written by one lane, but for the norm, which meets in between.
template <class T>
__device__ void prepare_head(const PrepareHeads &h, std::int64_t row, const T *from, T *to, const float *weight, float eps) {
    const int lane = threadIdx.x % warp;
    float factor = 1;
    if (weight != nullptr) {
        float total = 0;
        for (std::int64_t i = lane; i < h.dims; i += warp) total += to_float(from[i]) * to_float(from[i]);
        factor = rsqrtf(sum_of_lanes(total) / static_cast<float>(h.dims) + eps);
    }
    const auto value = [&](std::int64_t i) {
        // Rounded as a norm's result is that is written in between.
        return weight != nullptr ? to_float(from_float<T>(to_float(from[i]) * factor * weight[i])) : to_float(from[i]);
    };
    const std::int64_t half = h.cos != nullptr ? h.half : 0;
    for (std::int64_t i = lane; i < half; i += warp) {
        const std::int64_t first = h.interleaved ? 2 * i : i, second = h.interleaved ? 2 * i + 1 : i + half;
        const float a = value(first), b = value(second), c = h.cos[row * half + i], s = h.sin[row * half + i];
        to[first] = from_float<T>(a * c - b * s);
        to[second] = from_float<T>(b * c + a * s);
    }
    for (std::int64_t i = 2 * half + lane; i < h.dims; i += warp) to[i] = from_float<T>(value(i));
}

template <class T>
__global__ void __launch_bounds__(row_threads) prepare_heads(PrepareHeads h) {
    const std::int64_t row = blockIdx.x;
    std::int64_t head = static_cast<std::int64_t>(blockIdx.y) * row_warps + threadIdx.x / warp;
    if (h.queries != nullptr) {
        if (head < h.heads) {
            T *query = static_cast<T *>(h.queries) + row * h.query_stride + head * h.dims;
            return prepare_head<T>(h, row, query, query, h.query_norm, h.query_eps);
        }
        head -= h.heads;
    }
    if (h.keys == nullptr || head >= 2 * h.kv_heads) return;
    const std::int64_t part = h.table.part[row], token = h.table.position[row];
    if (head < h.kv_heads) {
        const T *key = static_cast<const T *>(h.keys) + row * h.key_stride + head * h.dims;
        return prepare_head<T>(h, row, key, page_row<T>(h.table, part, token, 0, head, h.dims), h.key_norm, h.key_eps);
    }
    head -= h.kv_heads;
    const T *from = static_cast<const T *>(h.values) + row * h.value_stride + head * h.dims;
    T *to = page_row<T>(h.table, part, token, 1, head, h.dims);
    for (std::int64_t i = threadIdx.x % warp; i < h.dims; i += warp) to[i] = from[i];
}

/// The first of the largest values of a row.
__global__ void __launch_bounds__(row_threads) largest_of_rows(const float *rows, std::int64_t size, std::int32_t *places) {
    auto *most = reinterpret_cast<float *>(shared_memory());
    auto *where = reinterpret_cast<std::int32_t *>(most + row_threads);
    const float *row = rows + blockIdx.x * size;
    float best = -INFINITY;
    std::int32_t place = -1;
    bool numbers = true;
    for (std::int64_t i = threadIdx.x; i < size; i += row_threads) {
        if (row[i] != row[i]) numbers = false;
        if (row[i] > best) best = row[i], place = static_cast<std::int32_t>(i);
    }
    most[threadIdx.x] = numbers ? best : NAN;
    where[threadIdx.x] = place;
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (int t = 0; t < row_threads; ++t) {
        if (most[t] != most[t]) numbers = false;
        if (most[t] > best || (most[t] == best && where[t] >= 0 && where[t] < place)) best = most[t], place = where[t];
    }
    places[blockIdx.x] = numbers && best < INFINITY ? place : -1;
}

}  // namespace millm::engine::cuda
