// Products of packed weights with inputs rounded to integers: against the formula, and the same bits at every instruction set.
#include "core/engine/kernels/cpu/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace millm::engine::cpu::test {

namespace {

/// A random quantized matrix, packed, and what it stands for: integers and a factor for each block of a row.
struct PackedSample {
    std::vector<std::uint8_t> tiles;
    std::vector<float> scale;
    IntegerCode code;
    std::vector<int> integers;    ///< [out, in]
    std::vector<double> factors;  ///< [out, in / 64]
    PackedMatrix matrix;
};

constexpr float nf4[16] = {-1.0F,      -0.6961928F, -0.52507305F, -0.3949175F, -0.28444138F, -0.18477343F, -0.091050036F, 0.0F,
                           0.0795803F, 0.1609302F,  0.2461123F,   0.33791524F, 0.44070983F,  0.562617F,    0.72295684F,   1.0F};

PackedSample make_packed(Packed form, std::int64_t out, std::int64_t in, std::int64_t block = packed_block) {
    std::mt19937 random(11);
    std::uniform_real_distribution<float> uniform(0.01F, 1);
    PackedSample s;
    s.tiles.resize(static_cast<std::size_t>(packed_bytes(form, out, in)));
    s.matrix = {form, out, in, s.tiles.data()};
    const std::int64_t blocks = in / packed_block, tiles = packed_out(out) / packed_rows;
    if (form == Packed::Bytes) {
        s.scale.resize(static_cast<std::size_t>(packed_out(out)));
        std::vector<std::int8_t> codes(static_cast<std::size_t>(out * in));
        for (std::int8_t &value : codes) value = static_cast<std::int8_t>(random());  // -128 among them
        for (std::int64_t r = 0; r < out; ++r) {
            s.scale[static_cast<std::size_t>(r)] = uniform(random);
            for (std::int64_t b = 0; b < blocks; ++b)
                s.factors.push_back(static_cast<double>(s.scale[static_cast<std::size_t>(r)]));
        }
        s.integers.assign(codes.begin(), codes.end());
        // In two parts, as threads do it.
        pack_int8(codes.data(), out, in, 0, tiles / 2, s.tiles.data());
        pack_int8(codes.data(), out, in, tiles / 2, tiles, s.tiles.data());
        s.matrix.scale = s.scale.data();
        return s;
    }
    if (form == Packed::ScaledBytes) {
        std::vector<float> values(static_cast<std::size_t>(out * in));
        for (float &value : values) value = uniform(random) - 0.5F;
        std::fill_n(values.begin(), packed_block, 0.0F);  // a block of nothing
        for (std::int64_t t = 0; t < tiles; ++t) {
            const std::int64_t row = t * packed_rows;
            REQUIRE(pack_rounded(values.data() + row * in, std::min(packed_rows, out - row), in,
                                 s.tiles.data() + t * packed_tile_bytes(form, in)));
        }
        for (std::size_t i = 0; i < values.size(); i += packed_block) {
            float most = 0;
            for (std::size_t j = i; j < i + packed_block; ++j) most = std::max(most, std::abs(values[j]));
            s.factors.push_back(static_cast<double>(most / 127));
            for (std::size_t j = i; j < i + packed_block; ++j)
                s.integers.push_back(most > 0 ? static_cast<int>(std::lrint(values[j] * (127 / most))) : 0);
        }
        return s;
    }
    std::vector<std::uint8_t> nibbles(static_cast<std::size_t>(out * in / 2));
    for (std::uint8_t &byte : nibbles) byte = static_cast<std::uint8_t>(random());
    std::vector<float> absmax(static_cast<std::size_t>((out * in + block - 1) / block));
    for (float &value : absmax) value = uniform(random);
    s.code = integer_code(nf4);
    for (std::size_t i = 0; i < nibbles.size() * 2; ++i) {
        const int nibble = i % 2 == 0 ? nibbles[i / 2] >> 4 : nibbles[i / 2] & 15;
        s.integers.push_back(s.code.values[nibble] - 128);
        if (i % packed_block == 0)
            s.factors.push_back(static_cast<double>(absmax[i / static_cast<std::size_t>(block)] * s.code.unit));
    }
    const FourBitSource source{nibbles.data(), absmax.data(), block};
    pack_four_bit(source, out, in, s.code.unit, 0, tiles / 2, s.tiles.data());
    pack_four_bit(source, out, in, s.code.unit, tiles / 2, tiles, s.tiles.data());
    s.matrix.code = s.code.values;
    return s;
}

std::vector<float> random_inputs(std::int64_t count) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> x(static_cast<std::size_t>(count));
    for (float &value : x) value = normal(random);
    return x;
}

/// y [vectors, out], inputs rounded and rows computed in parts.
std::vector<float> product(const Kernels &kernels, const PackedMatrix &matrix, const std::vector<float> &x,
                           std::int64_t vectors) {
    std::vector<std::uint8_t> inputs(static_cast<std::size_t>(PackedInputs(vectors, matrix.in).bytes()), 0xEE);
    for (std::int64_t first = 0; first < vectors; first += input_unit)
        kernels.arrange_packed(matrix.narrow, x.data(), vectors, matrix.in, first, std::min(vectors, first + input_unit),
                               inputs.data());
    std::vector<float> y(static_cast<std::size_t>(vectors * matrix.out), -1.0F);
    const std::int64_t middle = matrix.out / 2 / packed_rows * packed_rows;
    kernels.multiply_packed(matrix, inputs.data(), vectors, 0, middle, y.data(), matrix.out);
    kernels.multiply_packed(matrix, inputs.data(), vectors, middle, matrix.out, y.data(), matrix.out);
    return y;
}

/// The same by hand: inputs to integers by blocks of 64, the rest in double. `size` is the sum of the terms' magnitudes.
double by_hand(const PackedSample &s, const float *x, std::int64_t row, double &size) {
    double sum = 0;
    size = 0;
    const float integers = s.matrix.narrow ? 127.0F : 127.0F * 255;
    for (std::int64_t b = 0; b < s.matrix.in / packed_block; ++b) {
        const float *values = x + b * packed_block;
        float most = 0;
        for (int i = 0; i < packed_block; ++i) most = std::max(most, std::abs(values[i]));
        std::int64_t dot = 0;
        for (int i = 0; i < packed_block; ++i)
            dot += std::lrint(values[i] * (integers / most)) *
                   s.integers[static_cast<std::size_t>(row * s.matrix.in + b * packed_block + i)];
        const double term = static_cast<double>(dot) * static_cast<double>(most / integers) *
                            s.factors[static_cast<std::size_t>(row * (s.matrix.in / packed_block) + b)];
        sum += term;
        size += std::abs(term);
    }
    return sum;
}

struct PackedShape {
    std::int64_t out, in;
};
constexpr PackedShape packed_shapes[] = {{1, 64}, {7, 128}, {16, 64}, {17, 192}, {45, 576}, {64, 640}, {130, 1152}};

template <class F>
void for_all_packed(F f) {
    for (const Packed form : {Packed::Bytes, Packed::ScaledBytes, Packed::Nibbles}) {
        for (const PackedShape &shape : packed_shapes) {
            CAPTURE(static_cast<int>(form));
            CAPTURE(shape.out);
            CAPTURE(shape.in);
            PackedSample sample = make_packed(form, shape.out, shape.in);
            f(sample);
            if (form == Packed::ScaledBytes) continue;
            sample.matrix.narrow = true;
            f(sample);
        }
    }
}

bool same_bits(const std::vector<float> &a, const float *b) {
    return std::memcmp(a.data(), b, a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("packed products equal the formula, and have the same bits at every level") {
    for_all_packed([](const PackedSample &s) {
        for (const std::int64_t vectors : {1, 2, 3, 4, 5, 8, 15, 16, 17, 40, 131}) {
            CAPTURE(vectors);
            const std::vector<float> x = random_inputs(vectors * s.matrix.in);
            const std::vector<float> plain = product(usable_levels().front()->kernels(), s.matrix, x, vectors);
            for (std::int64_t v = 0; v < vectors; ++v) {
                for (std::int64_t r = 0; r < s.matrix.out; ++r) {
                    double size = 0;
                    const double expected = by_hand(s, x.data() + v * s.matrix.in, r, size);
                    CHECK(std::abs(static_cast<double>(plain[static_cast<std::size_t>(v * s.matrix.out + r)]) - expected) <=
                          2e-6 * size + 1e-12);
                }
            }
            for (const Level *level : usable_levels()) {
                CAPTURE(std::string(level->id));
                CHECK(same_bits(product(level->kernels(), s.matrix, x, vectors), plain.data()));
            }
        }
    });
}

TEST_CASE("a row's packed product has the same bits alone and in company") {
    for_all_packed([](const PackedSample &s) {
        const auto in = static_cast<std::size_t>(s.matrix.in), out = static_cast<std::size_t>(s.matrix.out);
        const std::vector<float> x = random_inputs(40 * s.matrix.in);
        for (const Level *level : usable_levels()) {
            CAPTURE(std::string(level->id));
            const std::vector<float> together = product(level->kernels(), s.matrix, x, 40);
            for (const std::size_t count : {1, 2, 3, 4, 7, 13, 20, 32}) {
                CAPTURE(count);
                const std::size_t from = 40 - count;
                const std::vector<float> some(x.begin() + static_cast<std::ptrdiff_t>(from * in), x.end());
                const auto y = product(level->kernels(), s.matrix, some, static_cast<std::int64_t>(count));
                CHECK(same_bits(y, together.data() + from * out));
            }
        }
    });
}

TEST_CASE("blocks of 128 4-bit weights with one scale are packed too") {
    const PackedSample s = make_packed(Packed::Nibbles, 19, 192, 128);
    const std::vector<float> x = random_inputs(s.matrix.in);
    const std::vector<float> y = product(kernels(), s.matrix, x, 1);
    for (std::int64_t r = 0; r < s.matrix.out; ++r) {
        double size = 0;
        const double expected = by_hand(s, x.data(), r, size);
        CHECK(std::abs(static_cast<double>(y[static_cast<std::size_t>(r)]) - expected) <= 2e-6 * size);
    }
}

TEST_CASE("inputs that are zero, tiny or not finite") {
    const PackedSample s = make_packed(Packed::Bytes, 20, 128);
    const auto in = static_cast<std::size_t>(s.matrix.in);
    for (const Level *level : usable_levels()) {
        CAPTURE(std::string(level->id));
        std::vector<float> x = random_inputs(20 * s.matrix.in);
        std::fill_n(x.begin(), in, 0.0F);
        std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(in), in, std::numeric_limits<float>::denorm_min());
        x[2 * in + 70] = std::numeric_limits<float>::infinity();
        x[3 * in + 5] = -std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> y = product(level->kernels(), s.matrix, x, 20);
        for (std::size_t r = 0; r < 20; ++r) {
            CHECK(y[r] == 0.0F);
            CHECK(y[20 + r] == 0.0F);
            CHECK(std::isnan(y[40 + r]));
            CHECK(std::isnan(y[60 + r]));
            CHECK(std::isfinite(y[80 + r]));
        }
    }
}

TEST_CASE("a code's integers are within half a unit of its values") {
    for (const float largest : {1.0F, 0.01F, 3.0F}) {
        float table[16];
        for (std::size_t i = 0; i < 16; ++i) table[i] = nf4[i] * largest;
        const IntegerCode code = integer_code(table);
        for (std::size_t i = 0; i < 16; ++i)
            CHECK(std::abs(static_cast<float>(code.values[i] - 128) * code.unit - table[i]) <= 0.501F * code.unit);
        CHECK(code.unit <= largest / 64);
        CHECK(code.values[7] == 128);  // zero stays zero
    }
    const float nothing[16] = {};
    CHECK(integer_code(nothing).values[0] == 128);
}

}  // namespace millm::engine::cpu::test
