// Products x . W, written once over a vector type V. Included by each level's file inside its unnamed namespace, after V.
//
// Every product of a row and an input is summed in one order, whatever stands beside it: the row's values as f32 are taken V::width
// at a time, each lane multiplies and adds in one rounding to a sum of its own, the lanes are added at the end, an 8-bit row's
// scale is multiplied last. So an answer has the same bits for one input and for hundreds, in the decode of one sequence as in
// that of forty and in a prompt.

/// Vectors that hold the rows of a tile.
constexpr int tile_parts = static_cast<int>(packed_rows) / V::width;

// ---- reading one weight format ----

struct ReadF32 {
    using Value = float;
    static V vector(const Value *p) { return V::load(p); }
};
struct ReadBF16 {
    using Value = std::uint16_t;
    static V vector(const Value *p) { return V::from_bf16(p); }
    /// Of V::width pairs the first values (0), or the second ones (1).
    static V of_pairs(const Value *p, int which) { return V::bf16_of_pairs(p, which); }
};
struct ReadF16 {
    using Value = std::uint16_t;
    static V vector(const Value *p) { return V::from_f16(p); }
    static V of_pairs(const Value *p, int which) { return V::f16_of_pairs(p, which); }
};
struct ReadInt8 {
    using Value = std::int8_t;
    static V vector(const Value *p) { return V::from_i8(p); }
};

/// The last `count` values of a row, fewer than a vector; zeros behind them.
template <class Read>
inline V part(const typename Read::Value *p, std::int64_t count) {
    typename Read::Value values[V::width] = {};
    std::memcpy(values, p, static_cast<std::size_t>(count) * sizeof *p);
    return Read::vector(values);
}

inline void store_part(V v, float *p, std::int64_t count) {
    float values[V::width];
    v.store(values);
    std::memcpy(p, values, static_cast<std::size_t>(count) * sizeof *p);
}

/// How weights in a format meet inputs: exact, in f32.
template <class Read>
struct Exact {
    using Weight = typename Read::Value;
    using Input = float;
    using WeightVector = V;
    static constexpr std::int64_t step = V::width;
    static V weight(const Weight *p) { return Read::vector(p); }
    static V weight_part(const Weight *p, std::int64_t count) { return part<Read>(p, count); }
    static V input(const Input *p) { return V::load(p); }
    static V input_part(const Input *p, std::int64_t count) { return part<ReadF32>(p, count); }
    static V add_product(V weight, V input, V sum) { return V::fma(weight, input, sum); }
};

// ---- blocks of R rows and C inputs ----

/// Bytes of rows that are read side by side up to which the next ones are asked for as a whole. Longer rows are streams of their
/// own, which the processor follows by itself.
constexpr std::int64_t prefetch_limit = 1 << 14;

/// sums[r][c] += w[r] . x[c] over `size` values. Rows lie `stride` values apart, inputs too.
template <class A, int R, int C>
inline void accumulate(const typename A::Weight *w, std::int64_t w_stride, const typename A::Input *x, std::int64_t x_stride,
                       std::int64_t size, V (&sums)[R][C]) {
    std::int64_t k = 0;
    for (; k + A::step <= size; k += A::step) {
        typename A::WeightVector weights[R];
        for (int r = 0; r < R; ++r) weights[r] = A::weight(w + r * w_stride + k);
        for (int c = 0; c < C; ++c) {
            const auto input = A::input(x + c * x_stride + k);
            for (int r = 0; r < R; ++r) sums[r][c] = A::add_product(weights[r], input, sums[r][c]);
        }
    }
    if (k == size) return;
    for (int r = 0; r < R; ++r) {
        const auto weight = A::weight_part(w + r * w_stride + k, size - k);
        for (int c = 0; c < C; ++c)
            sums[r][c] = A::add_product(weight, A::input_part(x + c * x_stride + k, size - k), sums[r][c]);
    }
}

template <int R, int C>
inline void clear(V (&sums)[R][C]) {
    for (auto &row : sums)
        for (V &sum : row) sum = V::zero();
}

/// y[c][row + r] from the sums; `scale` is null or one factor a row.
template <int R, int C>
inline void finish(V (&sums)[R][C], const float *scale, float *y, std::int64_t y_stride) {
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c)
            y[c * y_stride + r] = scale != nullptr ? sums[r][c].sum() * scale[r] : sums[r][c].sum();
}

/// Calls f.template operator()<C>() for the `count` <= MOST at hand: loops over inputs have their number at compile time.
template <int MOST, class F>
inline void with_count(std::int64_t count, F &&f) {
    if constexpr (MOST > 1) {
        if (count < MOST) return with_count<MOST - 1>(count, f);
    }
    f.template operator()<MOST>();
}

// ---- few inputs: weights are read once, as they are stored ----

/// Up to so many inputs, weights are widened in registers; for more it pays to write them out as f32.
constexpr std::int64_t few_inputs = 4;

/// Rows read side by side: enough independent sums to hide the latency of adding.
template <int C>
constexpr int rows_side_by_side = C == 1 ? 4 : V::rows;

/// Asks for the rows that come next.
inline void prefetch(const void *next, std::int64_t bytes) {
    if (bytes > prefetch_limit) return;
    for (std::int64_t i = 0; i < bytes; i += 64) __builtin_prefetch(static_cast<const char *>(next) + i, 0, 2);
}

template <class A, int C>
inline void multiply_few(const typename A::Weight *w, std::int64_t in, const typename A::Input *x, const float *scale,
                         std::int64_t first, std::int64_t last, float *y, std::int64_t y_stride) {
    constexpr int R = rows_side_by_side<C>;
    std::int64_t row = first;
    for (; row + R <= last; row += R) {
        V sums[R][C];
        clear(sums);
        prefetch(w + (row + R) * in, R * in * static_cast<std::int64_t>(sizeof *w));
        accumulate<A, R, C>(w + row * in, in, x, in, in, sums);
        finish(sums, scale != nullptr ? scale + row : nullptr, y + row, y_stride);
    }
    for (; row < last; ++row) {
        V sums[1][C];
        clear(sums);
        accumulate<A, 1, C>(w + row * in, in, x, in, in, sums);
        finish(sums, scale != nullptr ? scale + row : nullptr, y + row, y_stride);
    }
}

// ---- many inputs: a panel of rows that stays in the second cache meets blocks of inputs that stay in the first ----

/// Bytes of a panel.
constexpr std::int64_t panel_bytes = 1 << 18;
/// Rows of a panel at most; their sums over V::vectors inputs lie on the stack.
constexpr std::int64_t panel_rows = 64;
/// Steps along a row after which sums are put aside, so that the inputs' part of a block fits the first cache.
constexpr std::int64_t block_steps = 64;

inline std::int64_t rows_of_panel(std::int64_t in, std::int64_t value_bytes) {
    const std::int64_t rows = panel_bytes / (in * value_bytes) / V::rows * V::rows;
    return rows < V::rows ? V::rows : rows > panel_rows ? panel_rows : rows;
}

template <class A, int R, int C>
inline void add_block(const typename A::Weight *w, std::int64_t in, const typename A::Input *x, std::int64_t size, float *kept) {
    V sums[R][C];
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) sums[r][c] = V::load(kept + (r * V::vectors + c) * V::width);
    accumulate<A, R, C>(w, in, x, in, size, sums);
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) sums[r][c].store(kept + (r * V::vectors + c) * V::width);
}

/// `rows` rows at w against C inputs at x.
template <class A, int C>
inline void multiply_panel_block(const typename A::Weight *w, std::int64_t rows, std::int64_t in, const typename A::Input *x,
                                 const float *scale, float *y, std::int64_t y_stride) {
    float kept[panel_rows * V::vectors * V::width];
    std::memset(kept, 0, static_cast<std::size_t>(rows) * V::vectors * V::width * sizeof(float));
    constexpr std::int64_t block = block_steps * A::step;
    for (std::int64_t k = 0; k < in; k += block) {
        const std::int64_t size = in - k < block ? in - k : block;
        std::int64_t r = 0;
        for (; r + V::rows <= rows; r += V::rows)
            add_block<A, V::rows, C>(w + r * in + k, in, x + k, size, kept + r * V::vectors * V::width);
        for (; r < rows; ++r) add_block<A, 1, C>(w + r * in + k, in, x + k, size, kept + r * V::vectors * V::width);
    }
    for (std::int64_t r = 0; r < rows; ++r) {
        V sums[1][C];
        for (int c = 0; c < C; ++c) sums[0][c] = V::load(kept + (r * V::vectors + c) * V::width);
        finish(sums, scale != nullptr ? scale + r : nullptr, y + r, y_stride);
    }
}

template <class A>
inline void multiply_panel(const typename A::Weight *w, std::int64_t rows, std::int64_t in, const typename A::Input *x,
                           std::int64_t vectors, const float *scale, float *y, std::int64_t y_stride) {
    for (std::int64_t v = 0; v < vectors; v += V::vectors) {
        with_count<V::vectors>(vectors - v, [&]<int C>() {
            multiply_panel_block<A, C>(w, rows, in, x + v * in, scale, y + v * y_stride, y_stride);
        });
    }
}

/// Weights that need no widening, any number of inputs.
template <class A>
inline void multiply_as_stored(const typename A::Weight *w, std::int64_t in, const typename A::Input *x, std::int64_t vectors,
                               std::int64_t first, std::int64_t last, float *y, std::int64_t y_stride) {
    if (vectors <= few_inputs) {
        with_count<few_inputs>(
            vectors, [&]<int C>() { multiply_few<A, C>(w, in, x, nullptr, first, last, y, y_stride); });
        return;
    }
    const std::int64_t most = rows_of_panel(in, sizeof *w);
    for (std::int64_t row = first; row < last; row += most) {
        const std::int64_t rows = last - row < most ? last - row : most;
        multiply_panel<A>(w + row * in, rows, in, x, vectors, nullptr, y + row, y_stride);
    }
}

// ---- 4 bits ----
// A weight is what bitsandbytes restores in f32: its code's value times the block's absmax, rounded once. V::look_up() turns
// V::chunk of them into V::parts vectors whose lane i holds the chunk's value V::place(i).

inline float four_bit_value(const WeightMatrix &m, std::int64_t flat) {
    const std::uint8_t byte = static_cast<const std::uint8_t *>(m.values)[flat >> 1];
    return m.code[(flat & 1) != 0 ? byte & 15 : byte >> 4] * m.scale[flat >> m.block_shift];
}

/// Whether blocks end where rows end and each is a whole number of look-ups. Other shapes are widened value by value.
inline bool four_bit_regular(const WeightMatrix &m) {
    const std::int64_t block = std::int64_t{1} << m.block_shift;
    return m.in % block == 0 && block % V::chunk == 0;
}

template <int R, int C>
inline void accumulate_four_bit(const WeightMatrix &m, const V::Code &code, std::int64_t row, const float *x, V (&sums)[R][C]) {
    const std::int64_t block = std::int64_t{1} << m.block_shift, blocks = m.in >> m.block_shift, row_bytes = m.in / 2;
    const auto *w = static_cast<const std::uint8_t *>(m.values) + row * row_bytes;
    for (std::int64_t b = 0; b < blocks; ++b) {
        decltype(V::scaled(code, 0)) scaled[R];
        for (int r = 0; r < R; ++r) scaled[r] = V::scaled(code, m.scale[(row + r) * blocks + b]);
        for (std::int64_t k = b * block; k < (b + 1) * block; k += V::chunk) {
            for (int r = 0; r < R; ++r) {
                V weights[V::parts];
                V::look_up(scaled[r], w + r * row_bytes + k / 2, weights);
                for (int p = 0; p < V::parts; ++p)
                    for (int c = 0; c < C; ++c)
                        sums[r][c] = V::fma(weights[p], V::load(x + c * m.in + k + p * V::width), sums[r][c]);
            }
        }
    }
}

template <int C>
inline void multiply_few_four_bit(const WeightMatrix &m, const float *x, std::int64_t first, std::int64_t last, float *y,
                                  std::int64_t y_stride) {
    constexpr int R = rows_side_by_side<C>;
    const V::Code code = V::code(m.code);
    std::int64_t row = first;
    for (; row + R <= last; row += R) {
        V sums[R][C];
        clear(sums);
        prefetch(static_cast<const std::uint8_t *>(m.values) + (row + R) * m.in / 2, R * m.in / 2);
        accumulate_four_bit<R, C>(m, code, row, x, sums);
        finish(sums, nullptr, y + row, y_stride);
    }
    for (; row < last; ++row) {
        V sums[1][C];
        clear(sums);
        accumulate_four_bit<1, C>(m, code, row, x, sums);
        finish(sums, nullptr, y + row, y_stride);
    }
}

// ---- widening ----

#include "core/engine/kernels/cpu/tiles.inl"

template <class Read>
inline void widen_rows(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    const auto *w = static_cast<const typename Read::Value *>(m.values) + first * m.in;
    const std::int64_t size = (last - first) * m.in;
    std::int64_t k = 0;
    for (; k + V::width <= size; k += V::width) Read::vector(w + k).store(out + k);
    if (k < size) store_part(part<Read>(w + k, size - k), out + k, size - k);
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
        V::look_up(V::scaled(code, m.scale[flat >> m.block_shift]), w + flat / 2, weights);
        for (int p = 0; p < V::parts; ++p) weights[p].store(out + p * V::width);
    }
}

inline void widen(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    switch (m.format) {
        case Format::F32:
            return widen_rows<ReadF32>(m, first, last, out);
        case Format::BF16:
            if (m.tiled) return widen_tiles<ReadBF16>(m, first, last, out);
            return widen_rows<ReadBF16>(m, first, last, out);
        case Format::F16:
            if (m.tiled) return widen_tiles<ReadF16>(m, first, last, out);
            return widen_rows<ReadF16>(m, first, last, out);
        case Format::Int8:
            return widen_rows<ReadInt8>(m, first, last, out);
        case Format::FourBit:
            return widen_four_bit(m, first, last, out);
    }
}

/// The factor of each row behind its sum.
inline const float *row_scale(const WeightMatrix &m) {
    return m.format == Format::Int8 ? m.scale : nullptr;
}

inline void multiply_widened(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                             float *y, std::int64_t y_stride) {
    const std::int64_t most = rows_of_panel(m.in, sizeof(float));
    float *panel = scratch(most * m.in);
    for (std::int64_t row = first; row < last; row += most) {
        const std::int64_t rows = last - row < most ? last - row : most;
        widen(m, row, row + rows, panel);
        const float *scale = row_scale(m);
        multiply_panel<Exact<ReadF32>>(panel, rows, m.in, x, vectors, scale != nullptr ? scale + row : nullptr, y + row, y_stride);
    }
}

template <class Read>
inline void multiply_format(const WeightMatrix &m, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                            float *y, std::int64_t y_stride) {
    if (vectors > few_inputs) return multiply_widened(m, x, vectors, first, last, y, y_stride);
    with_count<few_inputs>(vectors, [&]<int C>() {
        multiply_few<Exact<Read>, C>(static_cast<const typename Read::Value *>(m.values), m.in, x, row_scale(m), first, last, y,
                                     y_stride);
    });
}

inline void multiply(const WeightMatrix &m, const void *input, std::int64_t vectors, std::int64_t first, std::int64_t last,
                     float *y, std::int64_t y_stride) {
    const auto *x = static_cast<const float *>(input);
    switch (m.format) {
        case Format::F32:
            return multiply_as_stored<Exact<ReadF32>>(static_cast<const float *>(m.values), m.in, x, vectors, first, last, y,
                                                      y_stride);
        case Format::BF16:
            if (m.tiled) return multiply_tiles<ExactPairs<ReadBF16>>(m, input, vectors, first, last, y, y_stride);
            return multiply_format<ReadBF16>(m, x, vectors, first, last, y, y_stride);
        case Format::F16:
            if (m.tiled) return multiply_tiles<ExactPairs<ReadF16>>(m, input, vectors, first, last, y, y_stride);
            return multiply_format<ReadF16>(m, x, vectors, first, last, y, y_stride);
        case Format::Int8:
            return multiply_format<ReadInt8>(m, x, vectors, first, last, y, y_stride);
        case Format::FourBit:
            if (vectors > few_inputs || !four_bit_regular(m)) return multiply_widened(m, x, vectors, first, last, y, y_stride);
            with_count<few_inputs>(vectors, [&]<int C>() { multiply_few_four_bit<C>(m, x, first, last, y, y_stride); });
    }
}

// ---- inputs ----

/// Only 4-bit look-ups want another order of the inputs than the natural one.
inline std::int64_t input_bytes(const WeightMatrix &m, std::int64_t vectors) {
    return m.format == Format::FourBit && four_bit_regular(m) ? vectors * m.in * static_cast<std::int64_t>(sizeof(float)) : 0;
}

inline void arrange(const WeightMatrix &m, const float *x, std::int64_t, std::int64_t first, std::int64_t last, void *to) {
    auto *out = static_cast<float *>(to);
    for (std::int64_t k = first * m.in; k < last * m.in; k += V::chunk)
        for (int i = 0; i < V::chunk; ++i) out[k + i] = x[k + V::place(i)];
}
