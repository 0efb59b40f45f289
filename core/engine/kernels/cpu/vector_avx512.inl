// The vector of AVX-512: included by the levels that build on it, after intrinsics and target.

struct V {
    static constexpr int width = 16;
    static constexpr int rows = 4, vectors = 6;  ///< of a block of products: 24 sums, 4 weights and an input in 32 registers
    /// Of a block of tiled products: 24 sums, 2 weights and an input.
    static constexpr bool tiles = true;
    static constexpr int tile_inputs = 12, tile_count = 2;
    /// Of a block of attention: 24 sums, 4 vectors of keys and a query; sum() adds lanes by halves.
    static constexpr bool halves_sums = true;
    static constexpr int block_queries = 6, block_vectors = 4;
    __m512 r;

    static V zero() { return {_mm512_setzero_ps()}; }
    static V set(float value) { return {_mm512_set1_ps(value)}; }
    static V load(const float *p) { return {_mm512_loadu_ps(p)}; }
    void store(float *p) const { _mm512_storeu_ps(p, r); }
    static V add(V a, V b) { return {_mm512_add_ps(a.r, b.r)}; }
    static V mul(V a, V b) { return {_mm512_mul_ps(a.r, b.r)}; }
    static V div(V a, V b) { return {_mm512_div_ps(a.r, b.r)}; }
    static V max(V a, V b) { return {_mm512_max_ps(a.r, b.r)}; }
    static V fma(V a, V b, V c) { return {_mm512_fmadd_ps(a.r, b.r, c.r)}; }
    static V exp(V x);
    float sum() const { return _mm512_reduce_add_ps(r); }
    /// sum() of each.
    static V sums(const V (&v)[width]) {
        __m512 eight[8], four[4], two[2];
        for (int i = 0; i < 8; ++i) {
            const __m512 a = v[i / 4 * 8 + i % 4].r, b = v[i / 4 * 8 + i % 4 + 4].r;
            eight[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
        }
        for (int i = 0; i < 4; ++i)
            four[i] = _mm512_add_ps(_mm512_shuffle_f32x4(eight[i], eight[i + 4], 0x88), _mm512_shuffle_f32x4(eight[i], eight[i + 4], 0xDD));
        for (int i = 0; i < 2; ++i) {
            const __m512d a = _mm512_castps_pd(four[2 * i]), b = _mm512_castps_pd(four[2 * i + 1]);
            two[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
        }
        return {_mm512_add_ps(_mm512_shuffle_ps(two[0], two[1], 0x88), _mm512_shuffle_ps(two[0], two[1], 0xDD))};
    }
    float largest() const { return _mm512_reduce_max_ps(r); }

    static V from_bf16(const std::uint16_t *p) {
        const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)));
        return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
    }
    static V bf16_of_pairs(const std::uint16_t *p, int which) {
        const __m512i pairs = _mm512_loadu_si512(p);
        return {_mm512_castsi512_ps(which == 0 ? _mm512_slli_epi32(pairs, 16)
                                               : _mm512_and_si512(pairs, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))))};
    }
    static V f16_of_pairs(const std::uint16_t *p, int which) {
        const __m512i pairs = _mm512_loadu_si512(p);
        return {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(which == 0 ? pairs : _mm512_srli_epi32(pairs, 16)))};
    }
    static V from_f16(const std::uint16_t *p) {
        return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)))};
    }
    static V from_i8(const std::int8_t *p) {
        return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p))))};
    }

    struct Code {
        __m512 table;
    };
    static Code code(const float *table) { return {_mm512_loadu_ps(table)}; }
    static Code scaled(const Code &code, float scale) { return {_mm512_mul_ps(code.table, _mm512_set1_ps(scale))}; }
    static constexpr int parts = 2, chunk = parts * width;
    /// High nibbles first, then low ones.
    static constexpr int place(int i) { return i < width ? 2 * i : 2 * (i - width) + 1; }
    /// The permutation reads four bits of an index.
    static void look_up(const Code &code, const std::uint8_t *p, V *out) {
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
        out[0].r = _mm512_permutexvar_ps(_mm512_srli_epi32(bytes, 4), code.table);
        out[1].r = _mm512_permutexvar_ps(bytes, code.table);
    }
};

/// e^x = 2^n e^r with |r| <= ln(2)/2 and a polynomial of degree 6 for e^r: within 2 units in the last place.
inline V V::exp(V x) {
    const __m512 clamped = _mm512_min_ps(_mm512_max_ps(x.r, _mm512_set1_ps(-87.3F)), _mm512_set1_ps(88.3F));
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(clamped, _mm512_set1_ps(1.44269504F)), _MM_FROUND_TO_NEAREST_INT);
    __m512 rest = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), clamped);
    rest = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), rest);
    __m512 poly = _mm512_set1_ps(1.0F / 720);
    constexpr float coefficients[] = {1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F};
    for (const float coefficient : coefficients) poly = _mm512_fmadd_ps(poly, rest, _mm512_set1_ps(coefficient));
    const __mmask16 vanishes = _mm512_cmp_ps_mask(x.r, _mm512_set1_ps(-87.3F), _CMP_LT_OQ);
    return {_mm512_mask_blend_ps(vanishes, _mm512_scalef_ps(poly, n), _mm512_setzero_ps())};
}

/// A table of 16 bytes, for shuffles that look 64 nibbles up at once.
struct ByteCode {
    __m512i table;
};
inline ByteCode byte_code(const std::uint8_t *table) {
    return {_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(table)))};
}
/// Of 64 bytes the low nibbles' values, then the high ones'.
inline void look_up_bytes(const ByteCode &code, const std::uint8_t *p, __m512i (&out)[2]) {
    const __m512i bytes = _mm512_loadu_si512(p), mask = _mm512_set1_epi8(15);
    out[0] = _mm512_shuffle_epi8(code.table, _mm512_and_si512(bytes, mask));
    out[1] = _mm512_shuffle_epi8(code.table, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), mask));
}
