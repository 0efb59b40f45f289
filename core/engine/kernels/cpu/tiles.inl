// Products of weights of 16 bits that lie in tiles of 16 rows (packing.h), written once over a type Q: how the rows' next two values meet an
// input's. Included by a level's file inside its unnamed namespace, by products.inl.
//
// Each product of a row and an input is one sum, along the row, in one lane: so it has the same bits whatever stands beside it, nothing
// is left to be added up at the end, and a tile is one stream of memory.

/// Values along a row after which sums are put aside, so that a group of inputs stays in the first cache.
constexpr std::int64_t tile_depth = 512;
/// Tiles whose part of that length stays in the second cache while all inputs pass.
constexpr std::int64_t tiles_of_panel = 8;
/// Inputs from which on it pays to widen that part first.
constexpr std::int64_t widening_pays = 32;

/// Inputs as they are, in f32: the first values of all pairs, then the second ones.
template <class Read>
struct ExactPairs {
    static constexpr int inputs = V::tile_inputs, tiles = V::tile_count, steps = 2;
    static constexpr bool widens = true;  ///< for many inputs, before they come
    using Stored = std::uint16_t;
    using Input = float;
    using Weight = V;
    static V weight(const std::uint16_t *p, int part, int step) { return Read::of_pairs(p + part * 2 * V::width, step); }
    static V input(const float *x, int step) { return V::set(x[step]); }
    static V add(V sum, V weight, V input) { return V::fma(weight, input, sum); }
};

/// The same of tiles that are widened already: the first values of the 16 pairs, then the second ones.
struct WidenedPairs : ExactPairs<ReadF32> {
    using Stored = float;
    static V weight(const float *p, int part, int step) { return V::load(p + step * packed_rows + part * V::width); }
};

/// T tiles against C inputs over `size` values along the rows, added to what y holds unless this `begins`.
template <class Q, int T, int C>
inline void multiply_tile_block(const typename Q::Stored *w, std::int64_t tile_values, const typename Q::Input *x, std::int64_t x_stride,
                                std::int64_t size, bool begins, float *y, std::int64_t y_stride) {
    V sums[C][T * tile_parts];
    for (int c = 0; c < C; ++c)
        for (int p = 0; p < T * tile_parts; ++p) sums[c][p] = begins ? V::zero() : V::load(y + c * y_stride + p * V::width);
    for (std::int64_t k = 0; k < size; k += 2, w += 2 * packed_rows) {
        if (C <= 2)
            for (int t = 0; t < T; ++t) __builtin_prefetch(w + t * tile_values + packed_ahead / 2, 0, 2);
        for (int step = 0; step < Q::steps; ++step) {
            typename Q::Weight weights[T * tile_parts];
            for (int p = 0; p < T * tile_parts; ++p)
                weights[p] = Q::weight(w + p / tile_parts * tile_values, p % tile_parts, step);
            for (int c = 0; c < C; ++c) {
                const auto input = Q::input(x + c * x_stride + k, step);
                for (int p = 0; p < T * tile_parts; ++p) sums[c][p] = Q::add(sums[c][p], weights[p], input);
            }
        }
    }
    for (int c = 0; c < C; ++c)
        for (int p = 0; p < T * tile_parts; ++p) sums[c][p].store(y + c * y_stride + p * V::width);
}

/// `rows` rows, whose tiles lie `tile_values` apart, against all inputs.
template <class Q>
inline void multiply_tile_panel(const typename Q::Stored *w, std::int64_t tile_values, std::int64_t rows, const typename Q::Input *x,
                                std::int64_t x_stride, std::int64_t vectors, std::int64_t size, bool begins, float *y,
                                std::int64_t y_stride) {
    for (std::int64_t v = 0; v < vectors; v += Q::inputs) {
        with_count<Q::inputs>(vectors - v, [&]<int C>() {
            std::int64_t row = 0;
            const auto block = [&]<int T>() {
                multiply_tile_block<Q, T, C>(w + row / packed_rows * tile_values, tile_values, x + v * x_stride, x_stride, size, begins,
                                             y + v * y_stride + row, y_stride);
                row += T * packed_rows;
            };
            while (row + Q::tiles * packed_rows <= rows) block.template operator()<Q::tiles>();
            while (row < rows) block.template operator()<1>();
        });
    }
}

/// `size` values of each row of `tiles` tiles, which lie tile_values apart, one tile behind the other.
template <class Q>
inline void widen_panel(const typename Q::Stored *w, std::int64_t tile_values, std::int64_t tiles, std::int64_t size, float *to) {
    for (std::int64_t t = 0; t < tiles; ++t)
        for (std::int64_t k = 0; k < size; k += 2, to += 2 * packed_rows)
            for (int step = 0; step < Q::steps; ++step)
                for (int p = 0; p < tile_parts; ++p)
                    Q::weight(w + t * tile_values + k * packed_rows, p, step).store(to + step * packed_rows + p * V::width);
}

/// Rows from a multiple of 16 to another.
template <class Q>
inline void multiply_tiles(const WeightMatrix &m, const void *input, std::int64_t vectors, std::int64_t first, std::int64_t last,
                           float *y, std::int64_t y_stride) {
    const auto *w = static_cast<const std::uint16_t *>(m.values);
    const auto *x = static_cast<const typename Q::Input *>(input);
    const std::int64_t tile_values = packed_rows * m.in, panel = tiles_of_panel * packed_rows;
    // Few inputs pass once: nothing is put aside.
    const bool few = vectors <= Q::inputs;
    const std::int64_t depth = few ? m.in : tile_depth;
    for (std::int64_t row = first; row < last; row += panel) {
        const std::int64_t rows = last - row < panel ? last - row : panel;
        for (std::int64_t k = 0; k < m.in; k += depth) {
            const std::int64_t size = m.in - k < depth ? m.in - k : depth;
            const std::uint16_t *part = w + row * m.in + k * packed_rows;
            if constexpr (Q::widens) {
                if (vectors >= widening_pays) {
                    float *wide = scratch(panel * depth);
                    widen_panel<Q>(part, tile_values, rows / packed_rows, size, wide);
                    multiply_tile_panel<WidenedPairs>(wide, packed_rows * size, rows, x + k, m.in, vectors, size, k == 0, y + row, y_stride);
                    continue;
                }
            }
            multiply_tile_panel<Q>(part, tile_values, rows, x + k, m.in, vectors, size, k == 0, y + row, y_stride);
        }
    }
}

template <class Read>
inline void widen_tiles(const WeightMatrix &m, std::int64_t first, std::int64_t last, float *out) {
    const auto *w = static_cast<const std::uint16_t *>(m.values);
    for (std::int64_t row = first; row < last; ++row) {
        const std::uint16_t *tile = w + row / packed_rows * packed_rows * m.in;
        const std::int64_t part = row % packed_rows / V::width * V::width, lane = row % V::width;
        for (std::int64_t k = 0; k < m.in; ++k) {
            float values[V::width];
            Read::of_pairs(tile + (k / 2 * packed_rows + part) * 2, static_cast<int>(k % 2)).store(values);
            *out++ = values[lane];
        }
    }
}
