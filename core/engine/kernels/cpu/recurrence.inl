// Matrices that remember a sequence: mamba, the gated delta rule, linear attention. Included after products.inl.
//
// Columns never meet each other, so a column's result has the same bits however they are cut.

/// N vectors of columns from `column` on; where they are not WHOLE it is one, of `count` columns.
template <Decay DECAY, int N, bool WHOLE>
inline void recur_columns(const Recurrence &r, std::int64_t column, std::int64_t count) {
    const auto load = [&](const float *p) { return WHOLE ? V::load(p) : part<ReadF32>(p, count); };
    const auto store = [&](V v, float *p) { WHOLE ? v.store(p) : store_part(v, p, count); };
    float *state = r.state + column;
    for (std::int64_t t = 0; t < r.tokens; ++t) {
        const float *key = r.key + t * r.key_stride, *query = r.query + t * r.query_stride;
        const float *decay = r.decay + t * r.decay_stride, *value = r.value + t * r.value_stride + column;
        float *out = r.out + t * r.out_stride + column;
        V written[N], read[N], step[N];
        for (int n = 0; n < N; ++n) {
            written[n] = load(value + n * V::width);
            read[n] = V::zero();
            step[n] = DECAY == Decay::Element ? load(decay + column + n * V::width) : V::set(decay[0]);
        }
        const auto decayed = [&](std::int64_t k, int n) {
            const V kept = load(state + k * r.columns + n * V::width);
            if constexpr (DECAY == Decay::Key) return V::mul(kept, V::set(decay[k]));
            if constexpr (DECAY == Decay::Element)
                return V::mul(kept, V::exp(V::mul(step[n], load(r.rates + k * r.columns + column + n * V::width))));
            return V::mul(kept, step[n]);
        };
        if (r.strength != nullptr) {
            // What the decayed matrix recalls for the key is taken off the value.
            V recalled[N];
            for (int n = 0; n < N; ++n) recalled[n] = V::zero();
            for (std::int64_t k = 0; k < r.keys; ++k)
                for (int n = 0; n < N; ++n) {
                    const V kept = decayed(k, n);
                    store(kept, state + k * r.columns + n * V::width);
                    recalled[n] = V::fma(V::set(key[k]), kept, recalled[n]);
                }
            const V strength = V::set(r.strength[t * r.strength_stride]);
            for (int n = 0; n < N; ++n) written[n] = V::mul(V::fma(V::set(-1.0F), recalled[n], written[n]), strength);
        }
        for (std::int64_t k = 0; k < r.keys; ++k)
            for (int n = 0; n < N; ++n) {
                float *place = state + k * r.columns + n * V::width;
                const V kept = r.strength != nullptr ? load(place) : decayed(k, n);
                const V now = V::fma(V::set(key[k]), written[n], kept);
                store(now, place);
                read[n] = V::fma(V::set(query[k]), now, read[n]);
            }
        for (int n = 0; n < N; ++n) store(read[n], out + n * V::width);
    }
}

template <Decay DECAY>
inline void recur_all(const Recurrence &r) {
    constexpr int side_by_side = 4;
    std::int64_t column = r.first;
    for (; column + side_by_side * V::width <= r.last; column += side_by_side * V::width)
        recur_columns<DECAY, side_by_side, true>(r, column, V::width);
    for (; column + V::width <= r.last; column += V::width) recur_columns<DECAY, 1, true>(r, column, V::width);
    if (column < r.last) recur_columns<DECAY, 1, false>(r, column, r.last - column);
}

inline void recur(const Recurrence &r) {
    switch (r.form) {
        case Decay::Key:
            return recur_all<Decay::Key>(r);
        case Decay::Element:
            return recur_all<Decay::Element>(r);
        case Decay::Head:
            break;
    }
    recur_all<Decay::Head>(r);
}
