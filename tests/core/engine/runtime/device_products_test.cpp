// Products with packed weights by the device's kernels, on the host, against plain sums.
#include "tests/core/engine/runtime/device_samples.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace millm::engine::cuda::test {

namespace {

struct FourBitSample {
    std::vector<std::uint8_t> packed;
    std::vector<float> absmax, code = random_floats(16, 9);
    FourBitMatrix matrix;
    FourBitSample(std::int64_t out, std::int64_t in, unsigned seed)
        : packed(static_cast<std::size_t>(out * in + 1) / 2),
          absmax(random_floats(static_cast<std::size_t>(out * in / 32 + 1), seed)) {
        std::mt19937 numbers(seed);
        for (auto &byte : packed) byte = static_cast<std::uint8_t>(numbers());
        matrix = {packed.data(), absmax.data(), code.data(), out, in, 5};
    }
    double value(std::size_t flat) const {
        const int nibble = flat % 2 == 0 ? packed[flat / 2] >> 4 : packed[flat / 2] & 15;
        return static_cast<double>(code[static_cast<std::size_t>(nibble)]) * static_cast<double>(absmax[flat >> 5]);
    }
};

struct Int8Sample {
    std::vector<std::int8_t> codes;
    std::vector<float> scale;
    Int8Matrix matrix;
    Int8Sample(std::int64_t out, std::int64_t in, unsigned seed)
        : codes(static_cast<std::size_t>(out * in)), scale(random_floats(static_cast<std::size_t>(out), seed)) {
        std::mt19937 numbers(seed);
        for (auto &code : codes) code = static_cast<std::int8_t>(static_cast<int>(numbers() % 255) - 127);
        matrix = {codes.data(), scale.data(), out, in};
    }
    double value(std::size_t flat) const {
        return static_cast<double>(codes[flat]) * static_cast<double>(scale[flat / static_cast<std::size_t>(matrix.in)]);
    }
};

bool can(const FourBitMatrix &m, std::int64_t rows) {
    return kernels().can_multiply_four_bit(m, rows);
}
bool can(const Int8Matrix &m, std::int64_t rows) {
    return kernels().can_multiply_int8(m, rows);
}
void multiply(const Products<FourBitMatrix> &p) {
    kernels().multiply_four_bit(p, nullptr);
}
void multiply(const Products<Int8Matrix> &p) {
    kernels().multiply_int8(p, nullptr);
}

template <class Sample, class Matrix>
void check_products(Type type, std::int64_t in, std::int64_t rows) {
    constexpr std::int64_t outs[] = {40, 5};
    const Sample samples[] = {{outs[0], in, 1}, {outs[1], in, 2}};
    const Values x = Values::random(type, static_cast<std::size_t>(rows * in), 3), bias = Values::random(type, 40, 4);
    Values y[] = {Values::none(type, static_cast<std::size_t>(rows * outs[0])),
                  Values::none(type, static_cast<std::size_t>(rows * outs[1]))};
    Products<Matrix> p;
    p.type = type;
    p.count = 2;
    p.x = x.data();
    p.rows = rows;
    for (std::size_t i = 0; i < 2; ++i) p.matrices[i] = samples[i].matrix, p.y[i] = y[i].data();
    p.bias[0] = bias.data();
    REQUIRE(can(p.matrices[0], rows));
    multiply(p);
    for (std::size_t i = 0; i < 2; ++i) {
        double worst = 0;
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t column = 0; column < outs[i]; ++column) {
                double sum = i == 0 ? bias[static_cast<std::size_t>(column)] : 0, sizes = 1e-3;
                for (std::int64_t k = 0; k < in; ++k) {
                    const double product =
                        samples[i].value(static_cast<std::size_t>(column * in + k)) * x[static_cast<std::size_t>(row * in + k)];
                    sum += product;
                    sizes += std::abs(product);
                }
                // Not a number compares false.
                const double apart = std::abs(y[i][static_cast<std::size_t>(row * outs[i] + column)] - sum) / sizes;
                worst = apart <= worst ? worst : apart;
            }
        }
        CAPTURE(i);
        CHECK(worst < 2 * unit_of(type));
    }
}

}  // namespace

TEST_CASE("products of few and many rows with packed weights are those of plain sums") {
    for (const Type type : types) {
        for (const std::int64_t rows : {1, 3, 8, 9, 17, 40, 64}) {
            for (const std::int64_t in : {96, 288, 40}) {
                CAPTURE(static_cast<int>(type));
                CAPTURE(rows);
                CAPTURE(in);
                if (in % 32 != 0 && rows > 8) continue;
                check_products<FourBitSample, FourBitMatrix>(type, in, rows);
                check_products<Int8Sample, Int8Matrix>(type, in, rows);
            }
        }
    }
    CHECK_FALSE(can(FourBitSample(4, 40, 1).matrix, 9));
    CHECK_FALSE(can(FourBitSample(4, 12, 1).matrix, 1));
    CHECK_FALSE(can(Int8Sample(4, 64, 1).matrix, 65));
    check_products<Int8Sample, Int8Matrix>(Type::F16, 13, 2);
}

TEST_CASE("weights are written out as their values, rounded once") {
    for (const Type type : types) {
        for (const auto &[out, in] : {std::pair<std::int64_t, std::int64_t>{6, 64}, {3, 11}}) {
            const auto count = static_cast<std::size_t>(out * in);
            const FourBitSample four(out, in, 1);
            const Int8Sample eight(out, in, 2);
            Values a = Values::none(type, count), b = Values::none(type, count), expected(type, count);
            kernels().widen_four_bit(four.matrix, type, a.data(), nullptr);
            kernels().widen_int8(eight.matrix, type, b.data(), nullptr);
            for (std::size_t i = 0; i < count; ++i) expected.set(i, static_cast<float>(four.value(i)));
            CHECK(std::memcmp(a.data(), expected.data(), count * size_of(type)) == 0);
            for (std::size_t i = 0; i < count; ++i) expected.set(i, static_cast<float>(eight.value(i)));
            CHECK(std::memcmp(b.data(), expected.data(), count * size_of(type)) == 0);
        }
    }
}

}  // namespace millm::engine::cuda::test
