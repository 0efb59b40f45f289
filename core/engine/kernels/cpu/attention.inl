// Attention of one new token. Included after products.inl.

/// In place: scores become exp(score - largest); their sum is returned.
inline float exponentials(float *scores, std::int64_t size) {
    const std::int64_t whole = size / V::width * V::width;
    float largest = -std::numeric_limits<float>::infinity();
    if (whole > 0) {
        V most = V::load(scores);
        for (std::int64_t t = V::width; t < whole; t += V::width) most = V::max(most, V::load(scores + t));
        largest = most.largest();
    }
    for (std::int64_t t = whole; t < size; ++t) largest = scores[t] > largest ? scores[t] : largest;
    const V shift = V::set(-largest);
    V sums = V::zero();
    for (std::int64_t t = 0; t < whole; t += V::width) {
        const V e = V::exp(V::add(V::load(scores + t), shift));
        e.store(scores + t);
        sums = V::add(sums, e);
    }
    if (whole < size) {
        store_part(V::exp(V::add(part<ReadF32>(scores + whole, size - whole), shift)), scores + whole, size - whole);
        sums = V::add(sums, part<ReadF32>(scores + whole, size - whole));
    }
    return sums.sum();
}

/// N vectors' worth of the output's dimensions from `d` on, the last one of `last` dimensions.
template <class Read, int GROUP, int N>
inline void weigh_values(const Attention &a, const float *scores, const float *inverse, std::int64_t d, std::int64_t last,
                         float *out) {
    const auto *values = static_cast<const typename Read::Value *>(a.values) + d;
    V sums[GROUP][N];
    clear(sums);
    for (std::int64_t t = 0; t < a.tokens; ++t, values += a.dims) {
        V value[N];
        for (int n = 0; n < N; ++n)
            value[n] = n + 1 < N || last == V::width ? Read::vector(values + n * V::width) : part<Read>(values + n * V::width, last);
        for (int g = 0; g < GROUP; ++g) {
            const V weight = V::set(scores[g * a.tokens + t]);
            for (int n = 0; n < N; ++n) sums[g][n] = V::fma(weight, value[n], sums[g][n]);
        }
    }
    for (int g = 0; g < GROUP; ++g)
        for (int n = 0; n < N; ++n)
            store_part(V::mul(sums[g][n], V::set(inverse[g])), out + g * a.dims + d + n * V::width, n + 1 < N ? V::width : last);
}

/// GROUP query heads share each key and value that is read.
template <class Read, int GROUP>
inline void attend_group(const Attention &a, std::int64_t head) {
    const auto *keys = static_cast<const typename Read::Value *>(a.keys);
    const float *queries = a.queries + head * a.dims;
    float *scores = a.scores + head * a.tokens, *out = a.out + head * a.dims;
    for (std::int64_t t = 0; t < a.tokens; ++t) {
        // The key is the row, the group's queries are its inputs.
        V sums[1][GROUP];
        clear(sums);
        accumulate<Exact<Read>, 1, GROUP>(keys + t * a.dims, a.dims, queries, a.dims, a.dims, sums);
        for (int g = 0; g < GROUP; ++g) scores[g * a.tokens + t] = sums[0][g].sum() * a.scale;
    }
    float inverse[GROUP];
    for (int g = 0; g < GROUP; ++g) inverse[g] = 1.0F / exponentials(scores + g * a.tokens, a.tokens);
    std::int64_t d = 0;
    for (; d + 2 * V::width <= a.dims; d += 2 * V::width) weigh_values<Read, GROUP, 2>(a, scores, inverse, d, V::width, out);
    for (; d < a.dims; d += V::width)
        weigh_values<Read, GROUP, 1>(a, scores, inverse, d, a.dims - d < V::width ? a.dims - d : V::width, out);
}

template <class Read>
inline void attend_heads(const Attention &a) {
    for (std::int64_t head = 0; head < a.group; head += 4)
        with_count<4>(a.group - head, [&]<int GROUP>() { attend_group<Read, GROUP>(a, head); });
}

inline void attend(const Attention &a) {
    switch (a.format) {
        case Format::BF16:
            return attend_heads<ReadBF16>(a);
        case Format::F16:
            return attend_heads<ReadF16>(a);
        default:
            return attend_heads<ReadF32>(a);
    }
}
