// Attention over pages of keys and values. Included after products.inl.
//
// A query's sums have one order, of the instruction set alone: lanes begin at positions that are multiples of a page, whatever else
// is computed beside it, and tokens that it does not see add nothing.

/// Queries that share each key and value that is read; and more than so many are answered in blocks, where that can be.
constexpr int most_queries = 4, few_queries = 2 * most_queries;

/// What a query sees of its tile's scores.
struct Visible {
    std::int64_t from = 0, to = 0;  ///< places in the tile's scores
};

/// In place: scores [0, size) become exp(score - largest) where the query sees, 0 elsewhere; the sum is returned.
inline float exponentials(float *scores, std::int64_t size, Visible seen, const float *sink) {
    float largest = sink != nullptr ? *sink : -std::numeric_limits<float>::infinity();
    std::int64_t t = seen.from;
    if (seen.to - t >= V::width) {
        V most = V::load(scores + t);
        for (t += V::width; t + V::width <= seen.to; t += V::width) most = V::max(most, V::load(scores + t));
        largest = most.largest() > largest ? most.largest() : largest;
    }
    for (; t < seen.to; ++t) largest = scores[t] > largest ? scores[t] : largest;
    const V shift = V::set(-largest);
    V sums = V::zero();
    for (t = 0; t < size; t += V::width) {
        if (t + V::width <= seen.from || t >= seen.to) {
            V::zero().store(scores + t);
            continue;
        }
        V e = V::exp(V::add(V::load(scores + t), shift));
        if (t < seen.from || t + V::width > seen.to) {
            float values[V::width];
            e.store(values);
            for (int i = 0; i < V::width; ++i)
                if (t + i < seen.from || t + i >= seen.to) values[i] = 0;
            e = V::load(values);
        }
        e.store(scores + t);
        sums = V::add(sums, e);
    }
    return sums.sum() + (sink != nullptr ? __builtin_expf(*sink - largest) : 0.0F);
}

/// Keys and values this far ahead of where they are read are asked for: a page is shorter than what the processor needs to follow a
/// stream by itself.
constexpr std::int64_t attention_ahead = 4096;

/// Asks for `rows` rows of what lies attention_ahead behind row `t` of the pages.
inline void prefetch_rows(const void *const *pages, std::int64_t t, std::int64_t end, std::int64_t row_bytes, std::int64_t rows) {
    const std::int64_t ahead = t + attention_ahead / row_bytes;
    if (ahead >= end) return;
    const char *next = static_cast<const char *>(pages[ahead / page_tokens]) + ahead % page_tokens * row_bytes;
    for (std::int64_t i = 0; i < rows * row_bytes; i += 64) __builtin_prefetch(next + i, 0, 2);
}

/// Keys that COUNT queries meet side by side, and vectors of values: as many sums as hide the latency of adding.
template <int COUNT>
constexpr int side_by_side = V::halves_sums ? V::width / (COUNT == 3 ? 4 : COUNT) : 2;

/// N vectors' worth of the output's dimensions from `d` on, the last one of `last` dimensions.
template <class Read, int COUNT, int N>
inline void weigh_values(const Attention &a, const float *scores, std::int64_t stride, std::int64_t begin, std::int64_t end,
                         const float *inverse, std::int64_t d, std::int64_t last, float *const *out) {
    V sums[COUNT][N];
    clear(sums);
    for (std::int64_t t = begin; t < end;) {
        const std::int64_t offset = t % page_tokens, page_end = t - offset + page_tokens < end ? t - offset + page_tokens : end;
        const auto *values = static_cast<const typename Read::Value *>(a.values[t / page_tokens]) + offset * a.value_stride + d;
        for (; t < page_end; ++t, values += a.value_stride) {
            if (d == 0) prefetch_rows(a.values, t, end, a.value_stride * static_cast<std::int64_t>(sizeof *values), 1);
            V value[N];
            for (int n = 0; n < N; ++n)
                value[n] = n + 1 < N || last == V::width ? Read::vector(values + n * V::width) : part<Read>(values + n * V::width, last);
            for (int c = 0; c < COUNT; ++c) {
                const V weight = V::set(scores[c * stride + t]);
                for (int n = 0; n < N; ++n) sums[c][n] = V::fma(weight, value[n], sums[c][n]);
            }
        }
    }
    for (int c = 0; c < COUNT; ++c)
        for (int n = 0; n < N; ++n)
            store_part(V::mul(sums[c][n], V::set(inverse[c])), out[c] + d + n * V::width, n + 1 < N ? V::width : last);
}

/// The outputs' dimensions from `d` on, N vectors at a time and in the end fewer.
template <class Read, int COUNT, int N>
inline void weigh_all_values(const Attention &a, const float *scores, std::int64_t stride, std::int64_t begin, std::int64_t end,
                             const float *inverse, std::int64_t d, float *const *out) {
    for (; d + N * V::width <= a.value_dims; d += N * V::width)
        weigh_values<Read, COUNT, N>(a, scores, stride, begin, end, inverse, d, V::width, out);
    if constexpr (N > 1)
        weigh_all_values<Read, COUNT, N / 2>(a, scores, stride, begin, end, inverse, d, out);
    else if (d < a.value_dims)
        weigh_values<Read, COUNT, 1>(a, scores, stride, begin, end, inverse, d, a.value_dims - d, out);
}

/// Scores [COUNT] x [begin, end) of places in the pages, not yet capped, and some of places beside them, where no key may be.
template <class Read, int COUNT>
inline void score_keys(const Attention &a, const float *queries, std::int64_t begin, std::int64_t end, float *scores,
                       std::int64_t stride) {
    constexpr int KEYS = side_by_side<COUNT>;
    static_assert(page_tokens % KEYS == 0 && COUNT * KEYS <= V::width);
    const V scale = V::set(a.scale);
    for (std::int64_t t = begin / KEYS * KEYS; t < end; t += KEYS) {
        const auto *keys = static_cast<const typename Read::Value *>(a.keys[t / page_tokens]) + t % page_tokens * a.dims;
        prefetch_rows(a.keys, t, end, a.dims * static_cast<std::int64_t>(sizeof *keys), KEYS);
        V sums[V::width];
        for (V &sum : sums) sum = V::zero();
        std::int64_t d = 0;
        for (; d + V::width <= a.dims; d += V::width) {
            V query[COUNT];
            for (int c = 0; c < COUNT; ++c) query[c] = V::load(queries + c * a.dims + d);
            for (int k = 0; k < KEYS; ++k) {
                const V key = Read::vector(keys + k * a.dims + d);
                for (int c = 0; c < COUNT; ++c) sums[c * KEYS + k] = V::fma(key, query[c], sums[c * KEYS + k]);
            }
        }
        if (d < a.dims) {
            for (int k = 0; k < KEYS; ++k) {
                const V key = part<Read>(keys + k * a.dims + d, a.dims - d);
                for (int c = 0; c < COUNT; ++c)
                    sums[c * KEYS + k] = V::fma(key, part<ReadF32>(queries + c * a.dims + d, a.dims - d), sums[c * KEYS + k]);
            }
        }
        float whole[V::width];
        V::mul(V::sums(sums), scale).store(whole);
        for (int c = 0; c < COUNT; ++c) std::memcpy(scores + c * stride + t, whole + c * KEYS, KEYS * sizeof(float));
    }
}

/// What a query sees, in places of the pages.
inline Visible visible(const Attention &a, std::int64_t query) {
    const std::int64_t position = a.position + query / a.group;
    std::int64_t from = a.window > 0 && position >= a.window ? position - a.window + 1 : 0;
    if (a.chunk > 0 && position / a.chunk * a.chunk > from) from = position / a.chunk * a.chunk;
    std::int64_t to = position + 1;
    if (a.ahead > 0) to = to + a.ahead < a.length ? to + a.ahead : a.length;
    return {from - a.first_token, to - a.first_token};
}

inline const float *query_at(const Attention &a, std::int64_t query) {
    return a.queries + query / a.group * a.row_stride + query % a.group * a.dims;
}
inline float *out_at(const Attention &a, std::int64_t query) {
    return a.out + query / a.group * a.out_row_stride + query % a.group * a.value_dims;
}

/// A query's scores [0, size) become weights of its values; what they are to be multiplied by in the end is returned.
inline float weights_of(const Attention &a, std::int64_t query, Visible seen, float *scores, std::int64_t size) {
    const std::int64_t head = query % a.group, position = a.position + query / a.group - a.first_token;
    if (a.cap > 0)
        for (std::int64_t t = seen.from; t < seen.to; ++t) scores[t] = a.cap * __builtin_tanhf(scores[t] / a.cap);
    if (a.slopes != nullptr)
        for (std::int64_t t = seen.from; t < seen.to; ++t) scores[t] += a.slopes[head] * static_cast<float>(t - position);
    return 1.0F / exponentials(scores, size, seen, a.sinks != nullptr ? a.sinks + head : nullptr);
}

/// COUNT queries from `query` on.
template <class Read, int COUNT>
inline void attend_tile(const Attention &a, std::int64_t query) {
    Visible seen[COUNT];
    std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = 0;
    for (int c = 0; c < COUNT; ++c) {
        seen[c] = visible(a, query + c);
        if (seen[c].from < begin) begin = seen[c].from;
        if (seen[c].to > end) end = seen[c].to;
    }
    const std::int64_t stride = (end + V::width - 1) / V::width * V::width;
    float *scores = scratch(COUNT * (stride + a.dims)), *queries = scores + COUNT * stride;
    float *out[COUNT];
    for (int c = 0; c < COUNT; ++c) {
        std::memcpy(queries + c * a.dims, query_at(a, query + c), static_cast<std::size_t>(a.dims) * sizeof(float));
        out[c] = out_at(a, query + c);
    }
    score_keys<Read, COUNT>(a, queries, begin, end, scores, stride);

    float inverse[COUNT];
    for (int c = 0; c < COUNT; ++c) inverse[c] = weights_of(a, query + c, seen[c], scores + c * stride, stride);
    weigh_all_values<Read, COUNT, side_by_side<COUNT>>(a, scores, stride, begin, end, inverse, 0, out);
}

#include "core/engine/kernels/cpu/attention_block.inl"

template <class Read>
inline void attend_all(const Attention &a) {
    std::int64_t query = a.first;
    if constexpr (V::halves_sums) {
        // Many queries, as long as their scores have room.
        const std::int64_t longest = visible(a, a.last - 1).to + V::width, room = block_scores / longest;
        while (room > few_queries && a.last - query > few_queries) {
            const std::int64_t left = a.last - query, most = room < queries_of_block ? room : queries_of_block;
            const std::int64_t count = left < most ? left : most;
            attend_block<Read>(a, query, count);
            query += count;
        }
    }
    for (; query < a.last; query += most_queries)
        with_count<most_queries>(a.last - query, [&]<int COUNT>() { attend_tile<Read, COUNT>(a, query); });
}

inline void attend(const Attention &a) {
    switch (a.format) {
        case Format::BF16:
            return attend_all<ReadBF16>(a);
        case Format::F16:
            return attend_all<ReadF16>(a);
        default:
            return attend_all<ReadF32>(a);
    }
}
