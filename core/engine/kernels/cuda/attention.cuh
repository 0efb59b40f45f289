// Attention over pages of keys and values: softmax is joined tile after tile of keys, so that no scores of all by all are kept.
// A block answers 16 queries that share a key-value head, of one row and of many alike.
#pragma once

#include "core/engine/kernels/cuda/rows.cuh"

namespace millm::engine::cuda {

constexpr int attend_threads = 128, attend_warps = attend_threads / warp, lanes_a_query = attend_threads / queries_of_tile;

/// A row's values in whole tiles.
template <class I>
__device__ __forceinline__ I in_tiles(I size) {
    return (size + tile_side - 1) / tile_side * tile_side;
}

/// The shared memory of a block: rows are filled up with zeros to whole tiles, and padded, so that tiles lie aligned and not
/// all in one bank.
template <class T, int KEYS>
struct AttendMemory {
    int query_ld, value_ld, score_ld = KEYS + 4, weight_ld = KEYS + 8, out_ld;
    T *queries, *page, *weights;
    float *out, *scores, *largest, *sums;

    __device__ AttendMemory(unsigned char *memory, std::int64_t dims, std::int64_t value_dims)
        : query_ld(static_cast<int>(in_tiles(dims)) + 8),
          value_ld(static_cast<int>(in_tiles(value_dims)) + 8),
          out_ld(static_cast<int>(in_tiles(value_dims)) + 4) {
        queries = reinterpret_cast<T *>(memory);
        page = queries + queries_of_tile * query_ld;
        weights = page + KEYS * (query_ld > value_ld ? query_ld : value_ld);
        out = reinterpret_cast<float *>(weights + queries_of_tile * weight_ld);
        scores = out + queries_of_tile * out_ld;
        largest = scores + queries_of_tile * score_ld;
        sums = largest + queries_of_tile;
    }
    static std::size_t bytes(std::int64_t dims, std::int64_t value_dims) {
        const auto whole = [](std::int64_t size) {
            return static_cast<std::size_t>((size + tile_side - 1) / tile_side * tile_side);
        };
        const std::size_t query = whole(dims) + 8, value = whole(value_dims) + 8;
        return sizeof(T) * (queries_of_tile * (query + KEYS + 8) + KEYS * (query > value ? query : value)) +
               sizeof(float) * queries_of_tile * (whole(value_dims) + 4 + KEYS + 4 + 2);
    }
};

/// Rows of `size` values into shared memory, rows[r] each of them, filled up with zeros to whole tiles; zeros from row `valid`
/// on.
template <class T, class Rows>
__device__ void copy_rows(const Rows &rows, int count, int valid, int size, T *to, int to_ld) {
    const int whole = in_tiles(size);
    if (size % Vector<T>::width == 0) {
        const int vectors = whole / Vector<T>::width;
        for (int i = threadIdx.x; i < count * vectors; i += attend_threads) {
            const int r = i / vectors, c = i % vectors * Vector<T>::width;
            Vector<T> values;
            if (r < valid && c < size) {
                values = load_vector(rows(r) + c);
            } else {
                for (T &value : values.values) value = from_float<T>(0.0F);
            }
            *reinterpret_cast<Vector<T> *>(to + r * to_ld + c) = values;
        }
        return;
    }
    for (int i = threadIdx.x; i < count * whole; i += attend_threads) {
        const int r = i / whole, c = i % whole;
        to[r * to_ld + c] = r < valid && c < size ? rows(r)[c] : from_float<T>(0.0F);
    }
}

struct SeenTokens {
    std::int64_t from, to;
};
__device__ __forceinline__ SeenTokens seen_from(const Attend &a, std::int64_t position, std::int64_t length) {
    std::int64_t from = a.window > 0 && position >= a.window ? position - a.window + 1 : 0;
    if (a.chunk > 0 && position / a.chunk * a.chunk > from) from = position / a.chunk * a.chunk;
    const std::int64_t to = position + 1 + a.ahead;
    return {from, to < length ? to : length};
}

/// Where a query's part of a split lies: value_dims sums, the largest score, the sum of weights.
__device__ __forceinline__ float *partial_of(const Attend &a, std::int64_t split, std::int64_t row, std::int64_t head) {
    return a.partial + ((split * a.rows + row) * a.heads + head) * (a.value_dims + 2);
}

/// What remains of two parts of a softmax behind their largest score: 0 where a part saw nothing.
__device__ __forceinline__ float share(float largest, float of_all) {
    return largest == -INFINITY ? 0.0F : expf(largest - of_all);
}

template <class T, int KEYS>
__global__ void __launch_bounds__(attend_threads) attend_tiles(Attend a) {
    const QueryTile tile = a.tiles[blockIdx.x];
    const std::int64_t kv_head = blockIdx.y, split = blockIdx.z, group = a.heads / a.kv_heads;
    const int thread = threadIdx.x, wid = thread / warp, mine = thread / lanes_a_query, lane = thread % lanes_a_query;
    const AttendMemory<T, KEYS> memory(shared_memory(), a.dims, a.value_dims);

    // The query that eight lanes care for, and what its tile sees in all.
    const std::int64_t query = tile.first + mine, row = tile.first_row + query / group, head = kv_head * group + query % group;
    const bool answers = mine < tile.count;
    const std::int64_t position = tile.position + query / group;
    const SeenTokens seen = seen_from(a, position, tile.length);
    const std::int64_t begin = seen_from(a, tile.position + tile.first / group, tile.length).from,
                       end = seen_from(a, tile.position + (tile.first + tile.count - 1) / group, tile.length).to;
    const std::int64_t first_page = begin / page_tokens + split * a.pages_a_split,
                       pages = (end + page_tokens - 1) / page_tokens,
                       last_page = a.splits > 1 && first_page + a.pages_a_split < pages ? first_page + a.pages_a_split : pages;

    const int dims = static_cast<int>(a.dims), value_dims = static_cast<int>(a.value_dims);
    const auto query_row = [&](int q) {
        const std::int64_t number = tile.first + q;
        return static_cast<const T *>(a.queries) + (tile.first_row + number / group) * a.query_stride +
               (kv_head * group + number % group) * a.dims;
    };
    copy_rows<T>(query_row, queries_of_tile, tile.count, dims, memory.queries, memory.query_ld);
    for (int i = thread; i < queries_of_tile * memory.out_ld; i += attend_threads) memory.out[i] = 0;
    if (thread < queries_of_tile) memory.largest[thread] = -INFINITY, memory.sums[thread] = 0;
    __syncthreads();

    for (std::int64_t token = first_page * page_tokens; token < last_page * page_tokens; token += KEYS) {
        if (token + KEYS <= begin || token >= end) continue;
        const T *keys = page_row<T>(a.table, tile.part, token, 0, kv_head, a.dims);
        copy_rows<T>([&](int r) { return keys + r * a.dims; }, KEYS, KEYS, dims, memory.page, memory.query_ld);
        __syncthreads();
        for (int key = wid * tile_side; key < KEYS; key += attend_warps * tile_side) {
            WarpTile<T> scores;
            scores.clear();
            for (int d = 0; d < dims; d += tile_side)
                scores.template add<true>(memory.queries + d, memory.query_ld, memory.page + key * memory.query_ld + d,
                                          memory.query_ld);
            scores.store(memory.scores + key, memory.score_ld);
        }
        __syncthreads();
        // Pages hold anything behind the last token, which times zero might be no number.
        const T *values = page_row<T>(a.table, tile.part, token, a.table.planes - 1, kv_head, a.page_value_dims);
        copy_rows<T>([&](int r) { return values + r * a.page_value_dims; }, KEYS,
                     static_cast<int>(end - token < KEYS ? end - token : KEYS), value_dims, memory.page, memory.value_ld);
        float scores[KEYS / lanes_a_query], most = -INFINITY;
        MILLM_UNROLL
        for (int i = 0; i < KEYS / lanes_a_query; ++i) {
            const std::int64_t at = token + lane + i * lanes_a_query;
            float score = -INFINITY;
            if (answers && at >= seen.from && at < seen.to) {
                score = memory.scores[mine * memory.score_ld + lane + i * lanes_a_query] * a.scale;
                if (a.cap > 0) score = a.cap * tanhf(score / a.cap);
                if (a.slopes != nullptr) score += a.slopes[head] * static_cast<float>(at - position);
            }
            scores[i] = score;
            most = score > most ? score : most;
        }
        const float before = memory.largest[mine], here = largest_of_lanes<lanes_a_query>(most),
                    largest = here > before ? here : before;
        const float kept = share(before, largest);
        float sum = 0;
        MILLM_UNROLL
        for (int i = 0; i < KEYS / lanes_a_query; ++i) {
            const float weight = share(scores[i], largest);
            sum += weight;
            memory.weights[mine * memory.weight_ld + lane + i * lanes_a_query] = from_float<T>(weight);
        }
        sum = sum_of_lanes<lanes_a_query>(sum);
        for (int d = lane; d < value_dims; d += lanes_a_query) memory.out[mine * memory.out_ld + d] *= kept;
        if (lane == 0) memory.largest[mine] = largest, memory.sums[mine] = memory.sums[mine] * kept + sum;
        __syncthreads();
        for (int d = wid * tile_side; d < value_dims; d += attend_warps * tile_side) {
            WarpTile<T> out;
            out.load(memory.out + d, memory.out_ld);
            for (int key = 0; key < KEYS; key += tile_side)
                out.template add<false>(memory.weights + key, memory.weight_ld, memory.page + key * memory.value_ld + d,
                                        memory.value_ld);
            out.store(memory.out + d, memory.out_ld);
        }
        __syncthreads();
    }
    if (!answers) return;
    const float largest = memory.largest[mine], sum = memory.sums[mine];
    const float *from = memory.out + mine * memory.out_ld;
    if (a.splits > 1) {
        float *to = partial_of(a, split, row, head);
        for (int d = lane; d < value_dims; d += lanes_a_query) to[d] = from[d];
        if (lane == 0) to[a.value_dims] = largest, to[a.value_dims + 1] = sum;
        return;
    }
    const float sink = a.sinks != nullptr ? a.sinks[head] : -INFINITY, all = sink > largest ? sink : largest;
    const float factor = share(largest, all) / (sum * share(largest, all) + share(sink, all));
    T *to = static_cast<T *>(a.out) + (row * a.heads + head) * a.value_dims;
    for (int d = lane; d < value_dims; d += lanes_a_query) to[d] = from_float<T>(from[d] * factor);
}

/// Joins the splits of a row's head.
template <class T>
__global__ void __launch_bounds__(attend_threads) join_splits(Attend a) {
    const std::int64_t row = blockIdx.x, head = blockIdx.y;
    float all = a.sinks != nullptr ? a.sinks[head] : -INFINITY;
    for (std::int64_t split = 0; split < a.splits; ++split) {
        const float largest = partial_of(a, split, row, head)[a.value_dims];
        all = largest > all ? largest : all;
    }
    float sum = a.sinks != nullptr ? share(a.sinks[head], all) : 0;
    for (std::int64_t split = 0; split < a.splits; ++split) {
        const float *part = partial_of(a, split, row, head) + a.value_dims;
        sum += part[1] * share(part[0], all);
    }
    T *to = static_cast<T *>(a.out) + (row * a.heads + head) * a.value_dims;
    for (std::int64_t d = threadIdx.x; d < a.value_dims; d += attend_threads) {
        float total = 0;
        for (std::int64_t split = 0; split < a.splits; ++split) {
            const float *part = partial_of(a, split, row, head);
            total += part[d] * share(part[a.value_dims], all);
        }
        to[d] = from_float<T>(total / sum);
    }
}

}  // namespace millm::engine::cuda
