// Attention of many queries: pages of keys and values are widened once for all of them, keys turned as well, so that a vector holds
// one dimension of several keys. Included by attention.inl.
//
// Every sum has the terms and the order that it has for few queries: a score is V::width sums that are added by halves, as V::sum() adds
// them; an output is summed along the tokens.

/// Queries of a block at most, and their scores, of which a thread keeps so many.
constexpr std::int64_t queries_of_block = 64, block_scores = std::int64_t{1} << 20;
/// Of a tile of sums.
constexpr int block_queries = V::block_queries, block_vectors = V::block_vectors;
static_assert(page_tokens % (block_vectors * V::width) == 0);

inline std::int64_t whole_vectors(std::int64_t values) {
    return (values + V::width - 1) / V::width * V::width;
}

/// `rows` rows of `size` values, `stride` apart, in f32 and filled up with zeros to whole vectors.
template <class Read>
inline void widen_page(const typename Read::Value *from, std::int64_t rows, std::int64_t stride, std::int64_t size, float *to) {
    for (std::int64_t row = 0; row < rows; ++row, from += stride, to += whole_vectors(size)) {
        std::int64_t i = 0;
        for (; i + V::width <= size; i += V::width) Read::vector(from + i).store(to + i);
        if (i < size) part<Read>(from + i, size - i).store(to + i);
    }
}

/// [page_tokens, size] becomes [size, page_tokens]; size is a multiple of 4.
inline void turn_page(const float *from, std::int64_t size, float *to) {
    using Four = float __attribute__((vector_size(16)));
    constexpr int side = 4;
    for (std::int64_t t = 0; t < page_tokens; t += side) {
        for (std::int64_t d = 0; d < size; d += side) {
            Four rows[side];
            for (int i = 0; i < side; ++i) std::memcpy(&rows[i], from + (t + i) * size + d, sizeof rows[i]);
            const Four low = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5), high = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
            const Four low2 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5), high2 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
            const Four columns[] = {__builtin_shufflevector(low, low2, 0, 1, 4, 5), __builtin_shufflevector(low, low2, 2, 3, 6, 7),
                                    __builtin_shufflevector(high, high2, 0, 1, 4, 5), __builtin_shufflevector(high, high2, 2, 3, 6, 7)};
            for (int i = 0; i < side; ++i) std::memcpy(to + (d + i) * page_tokens + t, &columns[i], sizeof columns[i]);
        }
    }
}

/// COUNT queries against the same number of vectors of keys.
template <int COUNT>
struct ScoreTile {
    V sums[COUNT][block_vectors];

    /// The sums of every V::width-th dimension from `lane` on.
    static inline ScoreTile of_lane(const float *keys, const float *queries, std::int64_t size, std::int64_t lane) {
        ScoreTile tile;
        clear(tile.sums);
        for (std::int64_t d = lane; d < size; d += V::width) {
            V key[block_vectors];
            for (int n = 0; n < block_vectors; ++n) key[n] = V::load(keys + d * page_tokens + n * V::width);
            for (int c = 0; c < COUNT; ++c) {
                const V query = V::set(queries[c * size + d]);
                for (int n = 0; n < block_vectors; ++n) tile.sums[c][n] = V::fma(key[n], query, tile.sums[c][n]);
            }
        }
        return tile;
    }

    /// Those of LANES lanes, V::width / LANES apart, by halves.
    template <int LANES>
    static inline ScoreTile of_lanes(const float *keys, const float *queries, std::int64_t size, std::int64_t lane) {
        if constexpr (LANES == 1) {
            return of_lane(keys, queries, size, lane);
        } else {
            ScoreTile tile = of_lanes<LANES / 2>(keys, queries, size, lane);
            const ScoreTile other = of_lanes<LANES / 2>(keys, queries, size, lane + V::width / LANES);
            for (int c = 0; c < COUNT; ++c)
                for (int n = 0; n < block_vectors; ++n) tile.sums[c][n] = V::add(tile.sums[c][n], other.sums[c][n]);
            return tile;
        }
    }
};

template <int COUNT>
inline void score_page(const float *keys, const float *queries, std::int64_t size, float scale, float *scores, std::int64_t stride) {
    for (std::int64_t t = 0; t < page_tokens; t += block_vectors * V::width) {
        const auto tile = ScoreTile<COUNT>::template of_lanes<V::width>(keys + t, queries, size, 0);
        for (int c = 0; c < COUNT; ++c)
            for (int n = 0; n < block_vectors; ++n) V::mul(tile.sums[c][n], V::set(scale)).store(scores + c * stride + t + n * V::width);
    }
}

/// N vectors' worth of the outputs, with the values of tokens [begin, end) of a page.
template <int COUNT, int N>
inline void weigh_page(const float *values, std::int64_t size, std::int64_t begin, std::int64_t end, const float *weights, std::int64_t stride,
                       float *out) {
    V sums[COUNT][N];
    for (int c = 0; c < COUNT; ++c)
        for (int n = 0; n < N; ++n) sums[c][n] = V::load(out + c * size + n * V::width);
    for (std::int64_t t = begin; t < end; ++t) {
        V value[N];
        for (int n = 0; n < N; ++n) value[n] = V::load(values + t * size + n * V::width);
        for (int c = 0; c < COUNT; ++c) {
            const V weight = V::set(weights[c * stride + t]);
            for (int n = 0; n < N; ++n) sums[c][n] = V::fma(weight, value[n], sums[c][n]);
        }
    }
    for (int c = 0; c < COUNT; ++c)
        for (int n = 0; n < N; ++n) sums[c][n].store(out + c * size + n * V::width);
}

/// f.operator()<C>(first) for groups of queries.
template <class F>
inline void by_groups(std::int64_t count, F &&f) {
    for (std::int64_t c = 0; c < count; c += block_queries)
        with_count<block_queries>(count - c, [&]<int C>() { f.template operator()<C>(c); });
}

template <class Read>
inline void attend_block(const Attention &a, std::int64_t first, std::int64_t count) {
    Visible seen[queries_of_block];
    std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = 0;
    for (std::int64_t c = 0; c < count; ++c) {
        seen[c] = visible(a, first + c);
        if (seen[c].from < begin) begin = seen[c].from;
        if (seen[c].to > end) end = seen[c].to;
    }
    const std::int64_t size = whole_vectors(a.dims), value_size = whole_vectors(a.value_dims), first_page = begin / page_tokens,
                       last_page = (end - 1) / page_tokens, stride = (last_page + 1) * page_tokens;
    float *scores = scratch(count * (stride + size + value_size) + page_tokens * (2 * size + value_size));
    float *queries = scores + count * stride, *out = queries + count * size, *widened = out + count * value_size,
          *turned = widened + page_tokens * (size > value_size ? size : value_size);
    std::memset(queries, 0, static_cast<std::size_t>(count * (size + value_size)) * sizeof(float));
    for (std::int64_t c = 0; c < count; ++c)
        std::memcpy(queries + c * size, query_at(a, first + c), static_cast<std::size_t>(a.dims) * sizeof(float));

    for (std::int64_t page = first_page; page <= last_page; ++page) {
        widen_page<Read>(static_cast<const typename Read::Value *>(a.keys[page]), page_tokens, a.dims, a.dims, widened);
        turn_page(widened, size, turned);
        by_groups(count, [&]<int C>(std::int64_t c) {
            score_page<C>(turned, queries + c * size, size, a.scale, scores + c * stride + page * page_tokens, stride);
        });
    }
    float inverse[queries_of_block];
    const std::int64_t scored = whole_vectors(end);
    for (std::int64_t c = 0; c < count; ++c) inverse[c] = weights_of(a, first + c, seen[c], scores + c * stride, scored);
    for (std::int64_t page = first_page; page <= last_page; ++page) {
        const std::int64_t place = page * page_tokens, from = begin > place ? begin - place : 0,
                           to = end - place < page_tokens ? end - place : page_tokens;
        widen_page<Read>(static_cast<const typename Read::Value *>(a.values[page]), to, a.value_stride, a.value_dims, widened);
        by_groups(count, [&]<int C>(std::int64_t c) {
            std::int64_t d = 0;
            for (; d + block_vectors * V::width <= value_size; d += block_vectors * V::width)
                weigh_page<C, block_vectors>(widened + d, value_size, from, to, scores + c * stride + place, stride, out + c * value_size + d);
            for (; d < value_size; d += V::width)
                weigh_page<C, 1>(widened + d, value_size, from, to, scores + c * stride + place, stride, out + c * value_size + d);
        });
    }
    for (std::int64_t c = 0; c < count; ++c) {
        float *to = out_at(a, first + c);
        for (std::int64_t d = 0; d < a.value_dims; d += V::width) {
            const V value = V::mul(V::load(out + c * value_size + d), V::set(inverse[c]));
            if (a.value_dims - d >= V::width)
                value.store(to + d);
            else
                store_part(value, to + d, a.value_dims - d);
        }
    }
}
