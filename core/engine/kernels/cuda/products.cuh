// Products with weights in 4 and 8 bits, and those weights written out.
#pragma once

#include "core/engine/kernels/cuda/language.h"

namespace millm::engine::cuda {

constexpr int product_threads = 256, product_warps = product_threads / warp;

/// Copies of the table of two code values a byte, so that lanes rarely want one bank of the shared memory.
constexpr int table_copies = 8;

/// The code values of a byte's two nibbles, the high one first.
template <class C>
struct alignas(2 * sizeof(C)) CodePair {
    C first, second;
};
/// What a table holds: 16 bits have more digits as half than as bfloat16.
template <class T>
struct CodeOf {
    using Type = __half;
};
template <>
struct CodeOf<float> {
    using Type = float;
};
template <class T>
using Pair = CodePair<typename CodeOf<T>::Type>;

template <class T>
constexpr std::size_t table_bytes = 256 * table_copies * sizeof(Pair<T>);

/// Fills the table by all threads of the block; a barrier has to follow.
template <class T>
__device__ void fill_table(Pair<T> *table, const float *code) {
    using C = typename CodeOf<T>::Type;
    for (int i = threadIdx.x; i < 256 * table_copies; i += blockDim.x) {
        const int byte = i / table_copies;
        table[i] = {from_float<C>(code[byte >> 4]), from_float<C>(code[byte & 15])};
    }
}

/// The matrix that a block's rows belong to, where each has its own blocks, and which of them it is.
template <class Matrix>
__device__ int matrix_of_block(const Products<Matrix> &p, int rows_a_block, std::int64_t *first_row) {
    std::int64_t block = blockIdx.x;
    int i = 0;
    for (; i + 1 < p.count; ++i) {
        const std::int64_t blocks = (p.matrices[i].out + rows_a_block - 1) / rows_a_block;
        if (block < blocks) break;
        block -= blocks;
    }
    *first_row = block * rows_a_block;
    return i;
}

template <class T, int COUNT>
__device__ __forceinline__ void load_values(const T *from, T (&values)[COUNT]) {
    for (int i = 0; i < COUNT; i += Vector<T>::width) {
        const Vector<T> vector = load_vector(from + i);
        for (int j = 0; j < Vector<T>::width; ++j) values[i + j] = vector.values[j];
    }
}

/// What a bias adds to a column of y.
template <class T, class Matrix>
__device__ __forceinline__ float bias_of(const Products<Matrix> &p, int which, std::int64_t column) {
    return p.bias[which] != nullptr ? to_float(static_cast<const T *>(p.bias[which])[column]) : 0.0F;
}

/// Few rows, 4 bits: a warp a row of W, STEP values a lane and step: 16 bytes of them, or 4 where rows are not as long as that.
/// A step's values have one scale, since blocks are at least 32 wide.
template <class T, int ROWS, int STEP>
__global__ void __launch_bounds__(product_threads) multiply_few(Products<FourBitMatrix> p) {
    std::int64_t row;
    const int which = matrix_of_block(p, product_warps, &row);
    const FourBitMatrix &m = p.matrices[which];
    auto *table = reinterpret_cast<Pair<T> *>(shared_memory());
    fill_table<T>(table, m.code);
    __syncthreads();
    row += threadIdx.x / warp;
    if (row >= m.out) return;
    const int lane = threadIdx.x % warp;
    table += lane % table_copies;
    const auto *x = static_cast<const T *>(p.x);
    float sums[ROWS] = {};
    for (std::int64_t k = lane * STEP; k < m.in; k += warp * STEP) {
        const std::int64_t flat = row * m.in + k;
        std::uint32_t words[STEP / 8];
        if constexpr (STEP == 32) {
            const uint4 four = *reinterpret_cast<const uint4 *>(m.packed + flat / 2);
            words[0] = four.x, words[1] = four.y, words[2] = four.z, words[3] = four.w;
        } else {
            words[0] = *reinterpret_cast<const std::uint32_t *>(m.packed + flat / 2);
        }
        const float scale = m.absmax[flat >> m.block_shift];
        float part[ROWS] = {};
        MILLM_UNROLL
        for (int word = 0; word < STEP / 8; ++word) {
            float weights[8];
            MILLM_UNROLL
            for (int byte = 0; byte < 4; ++byte) {
                const Pair<T> pair = table[(words[word] >> (8 * byte) & 255U) * table_copies];
                weights[2 * byte] = to_float(pair.first);
                weights[2 * byte + 1] = to_float(pair.second);
            }
            MILLM_UNROLL
            for (int r = 0; r < ROWS; ++r) {
                T inputs[8];
                load_values(x + r * m.in + k + 8 * word, inputs);
                MILLM_UNROLL
                for (int i = 0; i < 8; ++i) part[r] += weights[i] * to_float(inputs[i]);
            }
        }
        MILLM_UNROLL
        for (int r = 0; r < ROWS; ++r) sums[r] += part[r] * scale;
    }
    auto *y = static_cast<T *>(p.y[which]);
    MILLM_UNROLL
    for (int r = 0; r < ROWS; ++r) {
        const float total = sum_of_lanes(sums[r]);
        if (lane == 0) y[r * m.out + row] = from_float<T>(total + bias_of<T>(p, which, row));
    }
}

/// Few rows, 8 bits: a warp a row of W, STEP values a lane and step, 16 bytes or one.
template <class T, int ROWS, int STEP>
__global__ void __launch_bounds__(product_threads) multiply_few(Products<Int8Matrix> p) {
    std::int64_t row;
    const int which = matrix_of_block(p, product_warps, &row);
    const Int8Matrix &m = p.matrices[which];
    row += threadIdx.x / warp;
    if (row >= m.out) return;
    const int lane = threadIdx.x % warp;
    const std::int8_t *codes = m.codes + row * m.in;
    const auto *x = static_cast<const T *>(p.x);
    float sums[ROWS] = {};
    for (std::int64_t k = lane * STEP; k < m.in; k += warp * STEP) {
        if constexpr (STEP == 1) {
            for (int r = 0; r < ROWS; ++r) sums[r] += static_cast<float>(codes[k]) * to_float(x[r * m.in + k]);
        } else {
            const Vector<std::int8_t> weights = load_vector(codes + k);
            MILLM_UNROLL
            for (int r = 0; r < ROWS; ++r) {
                T inputs[STEP];
                load_values(x + r * m.in + k, inputs);
                MILLM_UNROLL
                for (int i = 0; i < STEP; ++i) sums[r] += static_cast<float>(weights.values[i]) * to_float(inputs[i]);
            }
        }
    }
    auto *y = static_cast<T *>(p.y[which]);
    MILLM_UNROLL
    for (int r = 0; r < ROWS; ++r) {
        const float total = sum_of_lanes(sums[r]);
        if (lane == 0) y[r * m.out + row] = from_float<T>(total * m.scale[row] + bias_of<T>(p, which, row));
    }
}

// ---- up to 64 rows: tensor cores, straight from the packed weights ----

/// A block makes so many columns of y, in steps of so many values of the inputs.
constexpr int tile_threads = 128, tile_out = 32, tile_in = 128, chunk_values = 32, tile_ld = tile_in + 8,
              sums_ld = tile_out + 4;
static_assert(tile_threads * chunk_values == tile_out * tile_in);

/// A thread's share of a step's weights, as it lies in memory.
struct FourBitChunk {
    uint4 nibbles;
    float scale;
    __device__ void load(const FourBitMatrix &m, std::int64_t flat) {
        nibbles = *reinterpret_cast<const uint4 *>(m.packed + flat / 2);
        scale = m.absmax[flat >> m.block_shift];
    }
    template <class T>
    __device__ void write(const Pair<T> *table, T *to) const {
        const std::uint32_t words[4] = {nibbles.x, nibbles.y, nibbles.z, nibbles.w};
        MILLM_UNROLL
        for (int byte = 0; byte < 16; ++byte) {
            const Pair<T> pair = table[(words[byte / 4] >> (8 * (byte % 4)) & 255U) * table_copies];
            to[2 * byte] = from_float<T>(to_float(pair.first) * scale);
            to[2 * byte + 1] = from_float<T>(to_float(pair.second) * scale);
        }
    }
};
struct Int8Chunk {
    Vector<std::int8_t> codes[2];
    __device__ void load(const Int8Matrix &m, std::int64_t flat) {
        codes[0] = load_vector(m.codes + flat);
        codes[1] = load_vector(m.codes + flat + 16);
    }
    template <class T>
    __device__ void write(const Pair<T> *, T *to) const {
        MILLM_UNROLL
        for (int i = 0; i < chunk_values; ++i) to[i] = from_float<T>(static_cast<float>(codes[i / 16].values[i % 16]));
    }
};
template <class Matrix>
struct ChunkOf;
template <>
struct ChunkOf<FourBitMatrix> {
    using Type = FourBitChunk;
    static constexpr bool has_table = true;
    __device__ static float scale(const FourBitMatrix &, std::int64_t) { return 1; }
};
template <>
struct ChunkOf<Int8Matrix> {
    using Type = Int8Chunk;
    static constexpr bool has_table = false;
    __device__ static float scale(const Int8Matrix &m, std::int64_t row) { return m.scale[row]; }
};

template <class T, class Matrix, int TILES>
constexpr std::size_t tile_bytes() {
    const std::size_t operands = (tile_out + TILES * tile_side) * tile_ld * sizeof(T),
                      sums = 2 * TILES * tile_side * sums_ld * sizeof(float);
    return (ChunkOf<Matrix>::has_table ? table_bytes<T> : 0) + (operands > sums ? operands : sums);
}

/// Four warps: two tiles of columns, and for each the halves of a step. `in` is a multiple of 32, so a chunk lies in one row
/// and block.
template <class T, class Matrix, int TILES>
__global__ void __launch_bounds__(tile_threads) multiply_tiles(Products<Matrix> p) {
    std::int64_t first;
    const int which = matrix_of_block(p, tile_out, &first);
    const Matrix &m = p.matrices[which];
    auto *table = reinterpret_cast<Pair<T> *>(shared_memory());
    auto *weights = reinterpret_cast<T *>(shared_memory() + (ChunkOf<Matrix>::has_table ? table_bytes<T> : 0));
    T *inputs = weights + tile_out * tile_ld;
    const int thread = threadIdx.x;
    if constexpr (ChunkOf<Matrix>::has_table) fill_table<T>(table, m.code);
    table += thread % table_copies;

    // This thread's weights: 32 values of one row of the tile.
    constexpr int chunks = tile_in / chunk_values;
    const int row = thread / chunks, column = thread % chunks * chunk_values;
    const bool inside = first + row < m.out;
    typename ChunkOf<Matrix>::Type chunk{};
    if (inside && column < m.in) chunk.load(m, (first + row) * m.in + column);

    const int wid = thread / warp, tile_column = wid % 2 * tile_side, half = wid / 2 * (tile_in / 2);
    WarpTile<T> sums[TILES];
    MILLM_UNROLL
    for (int t = 0; t < TILES; ++t) sums[t].clear();
    const auto *x = static_cast<const T *>(p.x);
    __syncthreads();
    for (std::int64_t k = 0; k < m.in; k += tile_in) {
        T *to = weights + row * tile_ld + column;
        if (inside && k + column < m.in) {
            chunk.write(table, to);
        } else {
            for (int i = 0; i < chunk_values; ++i) to[i] = from_float<T>(0.0F);
        }
        // The next step's come from memory meanwhile.
        if (inside && k + tile_in + column < m.in) chunk.load(m, (first + row) * m.in + k + tile_in + column);
        for (int i = thread; i < TILES * tile_side * tile_in / Vector<T>::width; i += tile_threads) {
            const int r = i / (tile_in / Vector<T>::width), c = i % (tile_in / Vector<T>::width) * Vector<T>::width;
            Vector<T> values;
            if (r < p.rows && k + c < m.in) {
                values = load_vector(x + r * m.in + k + c);
            } else {
                for (T &value : values.values) value = from_float<T>(0.0F);
            }
            *reinterpret_cast<Vector<T> *>(inputs + r * tile_ld + c) = values;
        }
        __syncthreads();
        for (int part = half; part < half + tile_in / 2; part += tile_side) MILLM_UNROLL
        for (int t = 0; t < TILES; ++t)
            sums[t].template add<true>(inputs + t * tile_side * tile_ld + part, tile_ld, weights + tile_column * tile_ld + part,
                                       tile_ld);
        __syncthreads();
    }
    auto *results = reinterpret_cast<float *>(weights);
    constexpr int rows = TILES * tile_side;
    MILLM_UNROLL
    for (int t = 0; t < TILES; ++t) sums[t].store(results + (wid / 2 * rows + t * tile_side) * sums_ld + tile_column, sums_ld);
    __syncthreads();
    auto *y = static_cast<T *>(p.y[which]);
    for (int i = thread; i < rows * tile_out; i += tile_threads) {
        const int r = i / tile_out, c = i % tile_out;
        if (r >= p.rows || first + c >= m.out) continue;
        const float total = results[r * sums_ld + c] + results[(rows + r) * sums_ld + c];
        y[r * m.out + first + c] =
            from_float<T>(total * ChunkOf<Matrix>::scale(m, first + c) + bias_of<T>(p, which, first + c));
    }
}

// ---- written out ----

/// 8 values a thread where they lie in one block, else two.
template <class T, int STEP>
__global__ void widen(FourBitMatrix m, T *to) {
    const std::int64_t count = m.out * m.in, step = static_cast<std::int64_t>(gridDim.x) * blockDim.x * STEP;
    for (std::int64_t flat = (static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) * STEP; flat < count;
         flat += step) {
        const float scale = m.absmax[flat >> m.block_shift];
        for (int i = 0; i < STEP / 2 && flat + 2 * i < count; ++i) {
            const std::uint8_t pair = m.packed[flat / 2 + i];
            to[flat + 2 * i] = from_float<T>(m.code[pair >> 4] * scale);
            if (flat + 2 * i + 1 < count) to[flat + 2 * i + 1] = from_float<T>(m.code[pair & 15] * scale);
        }
    }
}

template <class T>
__global__ void widen(Int8Matrix m, T *to) {
    const std::int64_t count = m.out * m.in, step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t flat = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; flat < count; flat += step)
        to[flat] = from_float<T>(static_cast<float>(m.codes[flat]) * m.scale[flat / m.in]);
}

}  // namespace millm::engine::cuda
