// The kernels, written once over a vector type V. Included by each level's file inside its unnamed namespace, after V.

// ---- reading one weight format ----

struct ReadF32 {
    using Value = float;
    static V vector(const Value *p) { return V::load(p); }
    static float scalar(Value v) { return v; }
};
struct ReadBF16 {
    using Value = std::uint16_t;
    static V vector(const Value *p) { return V::from_bf16(p); }
    static float scalar(Value v) { return bf16_to_float(v); }
};
struct ReadF16 {
    using Value = std::uint16_t;
    static V vector(const Value *p) { return V::from_f16(p); }
    static float scalar(Value v) { return f16_to_float(v); }
};
struct ReadInt8 {
    using Value = std::int8_t;
    static V vector(const Value *p) { return V::from_i8(p); }
    static float scalar(Value v) { return static_cast<float>(v); }
};

// ---- x . W for a few vectors ----

/// How far ahead of the row's bytes the next ones are asked for.
constexpr std::int64_t prefetch_bytes = 1024;

/// One row against COUNT vectors: every weight is widened once and used COUNT times. Rows are read one after the other, so
/// that memory is a single stream; the sums of several steps run side by side to hide the latency of adding.
template <class Read, int COUNT>
inline void multiply_row(const typename Read::Value *w, std::int64_t in, const float *x, const float *scale, float *y,
                         std::int64_t y_stride) {
    constexpr int UNROLL = COUNT == 1 ? 4 : 2;
    V sums[UNROLL][COUNT];
    for (auto &step : sums)
        for (V &sum : step) sum = V::zero();
    std::int64_t k = 0;
    for (; k + UNROLL * V::width <= in; k += UNROLL * V::width) {
        __builtin_prefetch(reinterpret_cast<const char *>(w + k) + prefetch_bytes);
        for (int u = 0; u < UNROLL; ++u) {
            const V weight = Read::vector(w + k + u * V::width);
            for (int c = 0; c < COUNT; ++c) sums[u][c] = V::fma(weight, V::load(x + c * in + k + u * V::width), sums[u][c]);
        }
    }
    for (; k + V::width <= in; k += V::width) {
        const V weight = Read::vector(w + k);
        for (int c = 0; c < COUNT; ++c) sums[0][c] = V::fma(weight, V::load(x + c * in + k), sums[0][c]);
    }
    for (int c = 0; c < COUNT; ++c) {
        V all = sums[0][c];
        for (int u = 1; u < UNROLL; ++u) all = V::add(all, sums[u][c]);
        float total = all.sum();
        for (std::int64_t tail = k; tail < in; ++tail) total += Read::scalar(w[tail]) * x[c * in + tail];
        y[c * y_stride] = scale != nullptr ? total * *scale : total;
    }
}

template <class Read>
inline void multiply_vectors(const typename Read::Value *w, std::int64_t in, const float *x, std::int64_t vectors,
                             const float *scale, float *y, std::int64_t y_stride) {
    std::int64_t v = 0;
    for (; v + 4 <= vectors; v += 4) multiply_row<Read, 4>(w, in, x + v * in, scale, y + v * y_stride, y_stride);
    switch (vectors - v) {
        case 1:
            multiply_row<Read, 1>(w, in, x + v * in, scale, y + v * y_stride, y_stride);
            break;
        case 2:
            multiply_row<Read, 2>(w, in, x + v * in, scale, y + v * y_stride, y_stride);
            break;
        case 3:
            multiply_row<Read, 3>(w, in, x + v * in, scale, y + v * y_stride, y_stride);
            break;
        default:
            break;
    }
}

template <class Read>
inline void multiply_rows(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                          float *y, std::int64_t y_stride) {
    const auto *w = static_cast<const typename Read::Value *>(m.values);
    for (std::int64_t r = first; r < last; ++r)
        multiply_vectors<Read>(w + r * m.in, m.in, x, vectors, m.scale != nullptr ? m.scale + r : nullptr, y + r, y_stride);
}

// ---- 4 bits ----
// V::look_up() turns V::chunk values into V::parts vectors whose lane i holds the chunk's value V::place(i).

inline float four_bit_value(const WeightMatrix &m, std::int64_t flat) {
    const std::uint8_t byte = static_cast<const std::uint8_t *>(m.values)[flat >> 1];
    return m.code[(flat & 1) != 0 ? byte & 15 : byte >> 4] * m.scale[flat >> m.block_shift];
}

/// Whether blocks end where rows end and each is a whole number of look-ups.
inline bool four_bit_regular(const WeightMatrix &m) {
    const std::int64_t block = std::int64_t{1} << m.block_shift;
    return m.in % block == 0 && block % V::chunk == 0;
}

/// Inputs in the order in which look_up() yields weights.
inline void arrange(const float *x, std::int64_t size, float *out) {
    for (std::int64_t k = 0; k < size; k += V::chunk)
        for (int i = 0; i < V::chunk; ++i) out[k + i] = x[k + V::place(i)];
}

template <int COUNT>
inline void four_bit_row(const WeightMatrix &m, const V::Code &code, std::int64_t row, const float *x, float *y,
                         std::int64_t y_stride) {
    const auto *w = static_cast<const std::uint8_t *>(m.values) + row * m.in / 2;
    const std::int64_t block = std::int64_t{1} << m.block_shift, blocks = m.in >> m.block_shift;
    V sums[COUNT];
    for (V &sum : sums) sum = V::zero();
    for (std::int64_t b = 0; b < blocks; ++b) {
        V inside[2][COUNT];
        for (auto &half : inside)
            for (V &sum : half) sum = V::zero();
        for (std::int64_t k = b * block; k < (b + 1) * block; k += V::chunk) {
            __builtin_prefetch(w + k / 2 + prefetch_bytes);
            V weights[V::parts];
            V::look_up(code, w + k / 2, weights);
            for (int p = 0; p < V::parts; ++p)
                for (int c = 0; c < COUNT; ++c)
                    inside[p % 2][c] = V::fma(weights[p], V::load(x + c * m.in + k + p * V::width), inside[p % 2][c]);
        }
        const V scale = V::set(m.scale[row * blocks + b]);
        for (int c = 0; c < COUNT; ++c) sums[c] = V::fma(V::add(inside[0][c], inside[1][c]), scale, sums[c]);
    }
    for (int c = 0; c < COUNT; ++c) y[c * y_stride] = sums[c].sum();
}

inline void four_bit_vectors(const WeightMatrix &m, const V::Code &code, std::int64_t row, const float *x, std::int64_t vectors,
                             float *y, std::int64_t y_stride) {
    std::int64_t v = 0;
    for (; v + 4 <= vectors; v += 4) four_bit_row<4>(m, code, row, x + v * m.in, y + v * y_stride, y_stride);
    switch (vectors - v) {
        case 1:
            four_bit_row<1>(m, code, row, x + v * m.in, y + v * y_stride, y_stride);
            break;
        case 2:
            four_bit_row<2>(m, code, row, x + v * m.in, y + v * y_stride, y_stride);
            break;
        case 3:
            four_bit_row<3>(m, code, row, x + v * m.in, y + v * y_stride, y_stride);
            break;
        default:
            break;
    }
}

inline void multiply_four_bit(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first,
                              std::int64_t last, float *y, std::int64_t y_stride) {
    if (!four_bit_regular(m)) {
        // Rows that begin inside a block or a byte: widen them one by one.
        float *row = scratch(m.in);
        for (std::int64_t r = first; r < last; ++r) {
            for (std::int64_t k = 0; k < m.in; ++k) row[k] = four_bit_value(m, r * m.in + k);
            multiply_vectors<ReadF32>(row, m.in, x, vectors, nullptr, y + r, y_stride);
        }
        return;
    }
    float *arranged = scratch(vectors * m.in);
    for (std::int64_t v = 0; v < vectors; ++v) arrange(x + v * m.in, m.in, arranged + v * m.in);
    const V::Code code = V::code(m.code);
    for (std::int64_t r = first; r < last; ++r) four_bit_vectors(m, code, r, arranged, vectors, y + r, y_stride);
}

void multiply(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last, float *y,
              std::int64_t y_stride) {
    switch (m.format) {
        case Format::F32:
            return multiply_rows<ReadF32>(m, x, vectors, first, last, y, y_stride);
        case Format::BF16:
            return multiply_rows<ReadBF16>(m, x, vectors, first, last, y, y_stride);
        case Format::F16:
            return multiply_rows<ReadF16>(m, x, vectors, first, last, y, y_stride);
        case Format::Int8:
            return multiply_rows<ReadInt8>(m, x, vectors, first, last, y, y_stride);
        case Format::FourBit:
            return multiply_four_bit(m, x, vectors, first, last, y, y_stride);
    }
}

// ---- widening ----

template <class Read>
inline void widen_rows(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    for (std::int64_t r = first; r < last; ++r, out += m.in) {
        const auto *w = static_cast<const typename Read::Value *>(m.values) + r * m.in;
        const float factor = m.scale != nullptr ? m.scale[r] : 1.0F;
        const V factors = V::set(factor);
        std::int64_t k = 0;
        for (; k + V::width <= m.in; k += V::width) V::mul(Read::vector(w + k), factors).store(out + k);
        for (; k < m.in; ++k) out[k] = Read::scalar(w[k]) * factor;
    }
}

inline void widen_four_bit(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    if (!four_bit_regular(m)) {
        for (std::int64_t flat = first * m.in; flat < last * m.in; ++flat) *out++ = four_bit_value(m, flat);
        return;
    }
    const V::Code code = V::code(m.code);
    const auto *w = static_cast<const std::uint8_t *>(m.values);
    for (std::int64_t flat = first * m.in; flat < last * m.in; flat += V::chunk, out += V::chunk) {
        V weights[V::parts];
        V::look_up(code, w + flat / 2, weights);
        const V scale = V::set(m.scale[flat >> m.block_shift]);
        float values[V::chunk];
        for (int p = 0; p < V::parts; ++p) V::mul(weights[p], scale).store(values + p * V::width);
        for (int i = 0; i < V::chunk; ++i) out[V::place(i)] = values[i];
    }
}

void widen(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    switch (m.format) {
        case Format::F32:
            return widen_rows<ReadF32>(m, first, last, out);
        case Format::BF16:
            return widen_rows<ReadBF16>(m, first, last, out);
        case Format::F16:
            return widen_rows<ReadF16>(m, first, last, out);
        case Format::Int8:
            return widen_rows<ReadInt8>(m, first, last, out);
        case Format::FourBit:
            return widen_four_bit(m, first, last, out);
    }
}

// ---- attention of one new token ----

/// In place: scores become exp(score - largest); their sum is returned.
inline float exponentials(float *scores, std::int64_t size) {
    float largest = -std::numeric_limits<float>::infinity();
    std::int64_t t = 0;
    if (size >= V::width) {
        V most = V::load(scores);
        for (t = V::width; t + V::width <= size; t += V::width) most = V::max(most, V::load(scores + t));
        largest = most.largest();
    }
    for (; t < size; ++t) largest = scores[t] > largest ? scores[t] : largest;
    const V shift = V::set(-largest);
    V sums = V::zero();
    t = 0;
    for (; t + V::width <= size; t += V::width) {
        const V e = V::exp(V::add(V::load(scores + t), shift));
        e.store(scores + t);
        sums = V::add(sums, e);
    }
    float total = sums.sum();
    for (; t < size; ++t) {
        scores[t] = std::exp(scores[t] - largest);
        total += scores[t];
    }
    return total;
}

/// GROUP query heads share each key and value that is read.
template <class Read, int GROUP>
inline void attend_group(const Attention &a, std::int64_t head) {
    const auto *keys = static_cast<const typename Read::Value *>(a.keys);
    const auto *values = static_cast<const typename Read::Value *>(a.values);
    const float *queries = a.queries + head * a.dims;
    float *scores = a.scores + head * a.tokens, *out = a.out + head * a.dims;
    for (std::int64_t t = 0; t < a.tokens; ++t) {
        const auto *key = keys + t * a.dims;
        V sums[GROUP];
        for (V &sum : sums) sum = V::zero();
        std::int64_t d = 0;
        for (; d + V::width <= a.dims; d += V::width) {
            const V k = Read::vector(key + d);
            for (int g = 0; g < GROUP; ++g) sums[g] = V::fma(k, V::load(queries + g * a.dims + d), sums[g]);
        }
        for (int g = 0; g < GROUP; ++g) {
            float score = sums[g].sum();
            for (std::int64_t tail = d; tail < a.dims; ++tail) score += Read::scalar(key[tail]) * queries[g * a.dims + tail];
            scores[g * a.tokens + t] = score * a.scale;
        }
    }
    float inverse[GROUP];
    for (int g = 0; g < GROUP; ++g) inverse[g] = 1.0F / exponentials(scores + g * a.tokens, a.tokens);
    std::int64_t d = 0;
    for (; d + 2 * V::width <= a.dims; d += 2 * V::width) {
        V sums[GROUP][2];
        for (auto &pair : sums) pair[0] = pair[1] = V::zero();
        for (std::int64_t t = 0; t < a.tokens; ++t) {
            const V left = Read::vector(values + t * a.dims + d), right = Read::vector(values + t * a.dims + d + V::width);
            for (int g = 0; g < GROUP; ++g) {
                const V weight = V::set(scores[g * a.tokens + t]);
                sums[g][0] = V::fma(weight, left, sums[g][0]);
                sums[g][1] = V::fma(weight, right, sums[g][1]);
            }
        }
        for (int g = 0; g < GROUP; ++g) {
            V::mul(sums[g][0], V::set(inverse[g])).store(out + g * a.dims + d);
            V::mul(sums[g][1], V::set(inverse[g])).store(out + g * a.dims + d + V::width);
        }
    }
    for (; d < a.dims; ++d) {
        for (int g = 0; g < GROUP; ++g) {
            float total = 0;
            for (std::int64_t t = 0; t < a.tokens; ++t)
                total += scores[g * a.tokens + t] * Read::scalar(values[t * a.dims + d]);
            out[g * a.dims + d] = total * inverse[g];
        }
    }
}

template <class Read>
inline void attend_heads(const Attention &a) {
    std::int64_t head = 0;
    for (; head + 4 <= a.group; head += 4) attend_group<Read, 4>(a, head);
    switch (a.group - head) {
        case 1:
            attend_group<Read, 1>(a, head);
            break;
        case 2:
            attend_group<Read, 2>(a, head);
            break;
        case 3:
            attend_group<Read, 3>(a, head);
            break;
        default:
            break;
    }
}

void attend(const Attention &a) {
    switch (a.format) {
        case Format::BF16:
            return attend_heads<ReadBF16>(a);
        case Format::F16:
            return attend_heads<ReadF16>(a);
        default:
            return attend_heads<ReadF32>(a);
    }
}

// ---- what lies between the matrices ----

void rms_norm(const float *x, const float *weight, float eps, std::int64_t size, float *out) {
    V sums = V::zero();
    std::int64_t k = 0;
    for (; k + V::width <= size; k += V::width) {
        const V v = V::load(x + k);
        sums = V::fma(v, v, sums);
    }
    float total = sums.sum();
    for (; k < size; ++k) total += x[k] * x[k];
    const float factor = 1.0F / std::sqrt(total / static_cast<float>(size) + eps);
    const V factors = V::set(factor);
    for (k = 0; k + V::width <= size; k += V::width)
        V::mul(V::mul(V::load(x + k), factors), V::load(weight + k)).store(out + k);
    for (; k < size; ++k) out[k] = x[k] * factor * weight[k];
}

void rotate(float *x, const float *cos, const float *sin, std::int64_t half) {
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = x[i], b = x[i + half];
        x[i] = a * cos[i] - b * sin[i];
        x[i + half] = b * cos[i] + a * sin[i];
    }
}

void silu_multiply(float *gate, const float *up, std::int64_t size) {
    const V one = V::set(1.0F), minus = V::set(-1.0F);
    std::int64_t k = 0;
    for (; k + V::width <= size; k += V::width) {
        const V g = V::load(gate + k);
        V::mul(V::div(g, V::add(one, V::exp(V::mul(g, minus)))), V::load(up + k)).store(gate + k);
    }
    for (; k < size; ++k) gate[k] = gate[k] / (1.0F + std::exp(-gate[k])) * up[k];
}

constexpr Kernels make_kernels(const char *name) {
    return {name, multiply, widen, attend, rms_norm, rotate, silu_multiply};
}
