// Products of packed weights with inputs rounded to integers, written once over a type P: how V::width rows of 4 weights meet 4
// values of an input. Included by each level's file inside its unnamed namespace, after products.inl.
//
// The products of a block and their sum are integers, which are exact at every level. What follows is one step in f32 a block, in the
// order of the blocks: so a row's product has the same bits at every level, whatever stands beside it.

/// x rounded to a whole number; below 2^22.
inline float whole(float x) {
    constexpr float loses_fraction = 12582912.0F;  // 1.5 * 2^23
    return x + loses_fraction - loses_fraction;
}

/// A block of an input as integers, value is nearly (255 high + low) * factor: 64 high parts and 64 low ones, or 64 whole numbers of 16
/// bits where P has pairs. Plain code that the compiler turns into this level's.
template <class P>
inline void round_block(const float *x, bool narrow, std::int8_t *parts, float *factor, std::int32_t *offset) {
    constexpr std::int32_t endless = 0x7F800000;
    constexpr float base = PackedInputs::base;
    const float largest_integer = narrow ? 127.0F : 127 * base;
    std::int32_t bits[packed_block], largest = 0, sum = 0;
    std::memcpy(bits, x, sizeof bits);
    // As integers, sizes have the order of floats, and what is no number is larger than all that are.
    for (const std::int32_t value : bits) {
        const std::int32_t size = value & 0x7FFFFFFF;
        largest = size > largest ? size : largest;
    }
    const float most = float_from_bits(static_cast<std::uint32_t>(largest));
    // So small that the inverse would be beyond floats, there is nothing to tell from zero. What is not finite makes all products NaN.
    const bool finite = largest < endless, tells = finite && most > 1e-30F;
    *factor = tells ? most / largest_integer : finite ? 0.0F : float_from_bits(0x7FC00000U);
    if (!tells) {
        std::memset(parts, 0, PackedInputs::place_bytes);
        *offset = 0;
        return;
    }
    const float inverse = largest_integer / most;
    for (int i = 0; i < packed_block; ++i) {
        const float value = whole(x[i] * inverse), high = whole(value * (1 / base)), low = value - base * high;
        bits[i] = static_cast<std::int32_t>(value);
        sum += bits[i];
        if (P::pairs) continue;
        parts[i] = static_cast<std::int8_t>(static_cast<std::int32_t>(high));
        parts[packed_block + i] = static_cast<std::int8_t>(static_cast<std::int32_t>(low));
    }
    *offset = -128 * sum;
    if (!P::pairs) return;
    // Of four values the first and the third, then the second and the fourth: as the bytes of a 16-bit lane of weights lie.
    for (int i = 0; i < packed_block; i += 4) {
        const std::int16_t four[] = {static_cast<std::int16_t>(bits[i]), static_cast<std::int16_t>(bits[i + 2]),
                                     static_cast<std::int16_t>(bits[i + 1]), static_cast<std::int16_t>(bits[i + 3])};
        std::memcpy(parts + 2 * i, four, sizeof four);
    }
}

template <class P>
inline void arrange_packed(bool narrow, const float *x, std::int64_t vectors, std::int64_t in, std::int64_t first,
                           std::int64_t last, void *to) {
    const PackedInputs layout(vectors, in);
    auto *values = static_cast<std::int8_t *>(to);
    auto *factors = reinterpret_cast<float *>(values + layout.factors_at());
    auto *offsets = reinterpret_cast<std::int32_t *>(values + layout.offsets_at());
    for (std::int64_t v = first; v < last; ++v) {
        for (std::int64_t b = 0; b < layout.blocks; ++b) {
            const std::int64_t place = layout.place(v, b);
            round_block<P>(x + v * in + b * packed_block, narrow, values + place * PackedInputs::place_bytes, factors + place, offsets + place);
        }
    }
    if (last != vectors) return;
    for (std::int64_t v = vectors; v < layout.groups * layout.lanes; ++v) {
        for (std::int64_t b = 0; b < layout.blocks; ++b) {
            const std::int64_t place = layout.place(v, b);
            std::memset(values + place * PackedInputs::place_bytes, 0, PackedInputs::place_bytes);
            factors[place] = 0;
            offsets[place] = 0;
        }
    }
}

constexpr int part_bytes = 4 * V::width;

/// What the sums of a block's products begin with.
template <class P, int C>
inline void start_block(const PackedInputView &x, std::int64_t place, typename P::Sum (&dots)[C][tile_parts]) {
    for (int c = 0; c < C; ++c)
        for (int p = 0; p < tile_parts; ++p) dots[c][p] = P::start(x.offsets[place + c]);
}

/// sums[c] += a block's products, times its factors. `scale` is of its rows, where the form has such.
template <class P, Packed FORM, bool NARROW, int C>
inline void end_block(const PackedInputView &x, std::int64_t place, const typename P::Sum (&dots)[C][tile_parts], const V *scale,
                      V (&sums)[C][tile_parts]) {
    for (int c = 0; c < C; ++c) {
        const V factor = V::set(x.factors[place + c]);
        for (int p = 0; p < tile_parts; ++p)
            sums[c][p] = P::fma(P::template to_float<NARROW>(dots[c][p]), FORM != Packed::Bytes ? V::mul(factor, scale[p]) : factor,
                                sums[c][p]);
    }
}

/// sums[c] += the tile at w times C inputs that lie side by side from `place` on.
template <class P, Packed FORM, bool NARROW, int C>
inline void add_tile(const PackedMatrix &m, const std::uint8_t *w, const PackedInputView &x, std::int64_t place,
                     V (&sums)[C][tile_parts]) {
    typename P::Code code{};
    if constexpr (FORM == Packed::Nibbles) code = P::code(m.code);
    for (std::int64_t b = 0; b < x.layout.blocks; ++b, place += x.layout.lanes) {
        V scale[tile_parts];
        if constexpr (FORM != Packed::Bytes) {
            __builtin_prefetch(w + packed_ahead, 0, 2);
            for (int p = 0; p < tile_parts; ++p) scale[p] = V::load(reinterpret_cast<const float *>(w + p * part_bytes));
            w += packed_rows * sizeof(float);
        }
        typename P::Sum dots[C][tile_parts];
        start_block<P>(x, place, dots);
        const std::int8_t *values = x.values + place * PackedInputs::place_bytes;
        constexpr int step = P::pairs ? 2 : 1;
        for (int k = 0; k < packed_block; k += FORM == Packed::Nibbles ? 8 : 4, w += tile_parts * part_bytes) {
            __builtin_prefetch(w + packed_ahead, 0, 2);
            for (int p = 0; p < tile_parts; ++p) {
                if constexpr (FORM == Packed::Nibbles) {
                    typename P::Weight low, high;
                    P::look_up(code, w + p * part_bytes, low, high);
                    for (int c = 0; c < C; ++c) {
                        dots[c][p] = P::template add<NARROW>(dots[c][p], low, values + c * PackedInputs::place_bytes + k * step);
                        dots[c][p] = P::template add<NARROW>(dots[c][p], high, values + c * PackedInputs::place_bytes + (k + 4) * step);
                    }
                } else {
                    const typename P::Weight weight = P::weight(w + p * part_bytes);
                    for (int c = 0; c < C; ++c) dots[c][p] = P::template add<NARROW>(dots[c][p], weight, values + c * PackedInputs::place_bytes + k * step);
                }
            }
        }
        end_block<P, FORM, NARROW>(x, place, dots, scale, sums);
    }
}

/// An input's sums of a tile, as many rows of it as there are.
inline void load_tile(const float *from, std::int64_t rows, V (&sums)[tile_parts]) {
    float whole[packed_rows] = {};
    if (rows != packed_rows) std::memcpy(whole, from, static_cast<std::size_t>(rows) * sizeof(float));
    for (int p = 0; p < tile_parts; ++p) sums[p] = V::load((rows == packed_rows ? from : whole) + p * V::width);
}

/// `scale` is null or the tile's rows' factors.
inline void store_tile(const V (&sums)[tile_parts], const float *scale, std::int64_t rows, float *to) {
    float whole[packed_rows];
    for (int p = 0; p < tile_parts; ++p) {
        const V sum = scale ? V::mul(sums[p], V::load(scale + p * V::width)) : sums[p];
        sum.store((rows == packed_rows ? to : whole) + p * V::width);
    }
    if (rows != packed_rows) std::memcpy(to, whole, static_cast<std::size_t>(rows) * sizeof(float));
}

template <class P, Packed FORM, bool NARROW, int C>
inline void multiply_tile(const PackedMatrix &m, const std::uint8_t *w, const float *scale, const PackedInputView &x,
                          std::int64_t place, std::int64_t rows, float *y, std::int64_t y_stride) {
    V sums[C][tile_parts];
    clear(sums);
    add_tile<P, FORM, NARROW, C>(m, w, x, place, sums);
    for (int c = 0; c < C; ++c) store_tile(sums[c], scale, rows, y + c * y_stride);
}

// ---- many inputs: weights are unpacked once for all that pass, and inputs come from near ----

/// How many of the inputs from v on, before `end`, lie side by side: not past the end of a group. At most MOST.
template <std::int64_t MOST>
inline std::int64_t inputs_beside(const PackedInputView &x, std::int64_t v, std::int64_t end) {
    const std::int64_t lanes = x.layout.lanes, left = lanes - v % lanes < end - v ? lanes - v % lanes : end - v;
    return left < MOST ? left : MOST;
}

/// Blocks of a tile that are unpacked at a time, and inputs that pass them: the ones stay in the first cache (16 KB with
/// AVX2), the others in the second (128 KB).
constexpr std::int64_t unpacked_blocks = 8, unpacked_inputs = 128;

template <class P>
struct Unpacked {
    static constexpr int parts_of_block = packed_block / 4 * tile_parts;
    typename P::Weight weights[unpacked_blocks * parts_of_block];
    V scales[unpacked_blocks * tile_parts];

    /// `blocks` of a tile, from the one at w on. The same ones of the next tile lie `ahead` bytes behind them.
    template <Packed FORM>
    void take(const PackedMatrix &m, const std::uint8_t *w, std::int64_t blocks, std::int64_t ahead) {
        typename P::Code code{};
        if constexpr (FORM == Packed::Nibbles) code = P::code(m.code);
        typename P::Weight *to = weights;
        for (std::int64_t b = 0; b < blocks; ++b) {
            if constexpr (FORM != Packed::Bytes) {
                for (int p = 0; p < tile_parts; ++p)
                    scales[b * tile_parts + p] = V::load(reinterpret_cast<const float *>(w + p * part_bytes));
                w += packed_rows * sizeof(float);
            }
            constexpr int vectors = packed_block / (FORM == Packed::Nibbles ? 8 : 4);
            for (int j = 0; j < vectors; ++j, w += tile_parts * part_bytes) {
                __builtin_prefetch(w + ahead, 0, 2);
                for (int p = 0; p < tile_parts; ++p) {
                    if constexpr (FORM == Packed::Nibbles)
                        P::look_up(code, w + p * part_bytes, to[p], to[tile_parts + p]);
                    else
                        to[p] = P::weight(w + p * part_bytes);
                }
                to += (FORM == Packed::Nibbles ? 2 : 1) * tile_parts;
            }
        }
    }

    /// sums[c] += these blocks times C inputs that lie side by side from `place` on.
    template <Packed FORM, bool NARROW, int C>
    void add(const PackedInputView &x, std::int64_t place, std::int64_t blocks, V (&sums)[C][tile_parts]) const {
        const typename P::Weight *w = weights;
        for (std::int64_t b = 0; b < blocks; ++b, place += x.layout.lanes) {
            typename P::Sum dots[C][tile_parts];
            start_block<P>(x, place, dots);
            const std::int8_t *values = x.values + place * PackedInputs::place_bytes;
            constexpr int step = P::pairs ? 2 : 1;
            for (int k = 0; k < packed_block; k += 4, w += tile_parts)
                for (int c = 0; c < C; ++c)
                    for (int p = 0; p < tile_parts; ++p)
                        dots[c][p] = P::template add<NARROW>(dots[c][p], w[p], values + c * PackedInputs::place_bytes + k * step);
            end_block<P, FORM, NARROW>(x, place, dots, scales + b * tile_parts, sums);
        }
    }
};

/// A part of all tiles meets a part of the inputs at a time, so that both come from near; sums of the parts before lie in y.
template <class P, Packed FORM, bool NARROW>
inline void multiply_unpacked(const PackedMatrix &m, const PackedInputView &x, std::int64_t vectors, std::int64_t first,
                              std::int64_t last, float *y, std::int64_t y_stride) {
    constexpr std::int64_t most = NARROW ? P::narrow_inputs : P::inputs;
    const std::int64_t tile_bytes = packed_tile_bytes(m.form, m.in), block_bytes = tile_bytes / x.layout.blocks;
    Unpacked<P> tile;
    for (std::int64_t from = 0; from < vectors; from += unpacked_inputs) {
        const std::int64_t to = vectors - from < unpacked_inputs ? vectors : from + unpacked_inputs;
        for (std::int64_t block = 0; block < x.layout.blocks; block += unpacked_blocks) {
            const std::int64_t left = x.layout.blocks - block, blocks = left < unpacked_blocks ? left : unpacked_blocks;
            for (std::int64_t row = first; row < last; row += packed_rows) {
                const std::int64_t rows = last - row < packed_rows ? last - row : packed_rows;
                const float *scale = FORM == Packed::Bytes && left <= unpacked_blocks ? m.scale + row : nullptr;
                tile.template take<FORM>(m, m.tiles + row / packed_rows * tile_bytes + block * block_bytes, blocks, tile_bytes);
                std::int64_t count = 0;
                for (std::int64_t v = from; v < to; v += count) {
                    count = inputs_beside<most>(x, v, to);
                    float *results = y + v * y_stride + row;
                    with_count<most>(count, [&]<int C>() {
                        V sums[C][tile_parts];
                        clear(sums);
                        for (int c = 0; c < C && v + C + c < to; ++c) __builtin_prefetch(results + (C + c) * y_stride, 1);
                        for (int c = 0; c < C && block > 0; ++c) load_tile(results + c * y_stride, rows, sums[c]);
                        tile.template add<FORM, NARROW, C>(x, x.layout.place(v, block), blocks, sums);
                        for (int c = 0; c < C; ++c) store_tile(sums[c], scale, rows, results + c * y_stride);
                    });
                }
            }
        }
    }
}

/// Few inputs: each tile comes from memory once, and all of them pass it.
template <class P, Packed FORM, bool NARROW>
inline void multiply_packed_few(const PackedMatrix &m, const PackedInputView &x, std::int64_t vectors, std::int64_t first,
                                std::int64_t last, float *y, std::int64_t y_stride) {
    constexpr std::int64_t most = NARROW ? P::narrow_inputs : P::inputs;
    const std::int64_t tile_bytes = packed_tile_bytes(m.form, m.in);
    for (std::int64_t row = first; row < last; row += packed_rows) {
        const std::uint8_t *w = m.tiles + row / packed_rows * tile_bytes;
        const float *scale = FORM == Packed::Bytes ? m.scale + row : nullptr;
        const std::int64_t rows = last - row < packed_rows ? last - row : packed_rows;
        std::int64_t count = 0;
        for (std::int64_t v = 0; v < vectors; v += count) {
            count = inputs_beside<most>(x, v, vectors);
            with_count<most>(count, [&]<int C>() {
                multiply_tile<P, FORM, NARROW, C>(m, w, scale, x, x.layout.place(v, 0), rows, y + v * y_stride + row, y_stride);
            });
        }
    }
}

template <class P>
inline void multiply_packed(const PackedMatrix &m, const void *input, std::int64_t vectors, std::int64_t first,
                            std::int64_t last, float *y, std::int64_t y_stride) {
    const PackedInputView x(vectors, m.in, input);
    const auto multiply = [&]<Packed FORM, bool NARROW>() {
        if constexpr (P::inputs > 1)
            if (vectors >= packed_rows) return multiply_unpacked<P, FORM, NARROW>(m, x, vectors, first, last, y, y_stride);
        multiply_packed_few<P, FORM, NARROW>(m, x, vectors, first, last, y, y_stride);
    };
    if (m.form == Packed::ScaledBytes)
        multiply.template operator()<Packed::ScaledBytes, false>();
    else if (m.form == Packed::Bytes && m.narrow)
        multiply.template operator()<Packed::Bytes, true>();
    else if (m.form == Packed::Bytes)
        multiply.template operator()<Packed::Bytes, false>();
    else if (m.narrow)
        multiply.template operator()<Packed::Nibbles, true>();
    else
        multiply.template operator()<Packed::Nibbles, false>();
}
