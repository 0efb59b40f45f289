// Every instruction set this machine has against naive loops.
#include "tests/core/engine/runtime/kernel_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace millm::engine::cpu::test {

namespace {

/// x as the kernels read it.
std::vector<std::uint8_t> arranged(const Kernels &kernels, const WeightMatrix &matrix, const std::vector<float> &x,
                                   std::int64_t vectors) {
    const std::int64_t bytes = kernels.input_bytes(matrix, vectors);
    std::vector<std::uint8_t> result(bytes > 0 ? static_cast<std::size_t>(bytes) : x.size() * sizeof(float));
    if (bytes == 0) {
        std::memcpy(result.data(), x.data(), result.size());
        return result;
    }
    for (std::int64_t first = 0; first < vectors; first += input_unit)
        kernels.arrange(matrix, x.data(), vectors, first, std::min(vectors, first + input_unit), result.data());
    return result;
}

/// y [vectors, out], computed in two parts.
std::vector<float> product(const Kernels &kernels, const WeightMatrix &matrix, const std::vector<float> &x,
                           std::int64_t vectors) {
    const std::vector<std::uint8_t> input = arranged(kernels, matrix, x, vectors);
    std::vector<float> y(static_cast<std::size_t>(vectors * matrix.out), -1.0F);
    const std::int64_t half = matrix.out / 2, middle = matrix.tiled ? half / packed_rows * packed_rows : half;
    kernels.multiply(matrix, input.data(), vectors, 0, middle, y.data(), matrix.out);
    kernels.multiply(matrix, input.data(), vectors, middle, matrix.out, y.data(), matrix.out);
    return y;
}

float rounded_to_bf16(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, 4);
    bits += 0x7FFFU + ((bits >> 16) & 1U);
    return bf16_to_float(static_cast<std::uint16_t>(bits >> 16));
}

constexpr Format formats[] = {Format::F32, Format::BF16, Format::F16, Format::Int8, Format::FourBit};

}  // namespace

TEST_CASE("there is a portable level, and the best one is used unless another is chosen") {
    REQUIRE(usable_levels().size() >= 1);
    CHECK(std::string(usable_levels().front()->id) == "portable");
    CHECK(&level() == usable_levels().back());
    for (const Level *one : usable_levels()) {
        CHECK(choose_level(one->id));
        CHECK(&level() == one);
        CHECK(&kernels() == &one->kernels());
    }
    CHECK_FALSE(choose_level("abacus"));
    CHECK(&level() == usable_levels().back());
    for (const Level &one : levels())
        MESSAGE((std::string(one.id) + (one.usable() ? ": run" : ": not run, this processor lacks it")));
}

TEST_CASE("halves of all patterns widen as the formats say") {
    CHECK(f16_to_float(0x3C00) == 1.0F);
    CHECK(f16_to_float(0xC000) == -2.0F);
    CHECK(f16_to_float(0x7BFF) == 65504.0F);
    CHECK(f16_to_float(0x0001) == std::ldexp(1.0F, -24));
    CHECK(f16_to_float(0x0400) == std::ldexp(1.0F, -14));
    CHECK(std::isinf(f16_to_float(0x7C00)));
    CHECK(std::isnan(f16_to_float(0x7E00)));
    CHECK(std::signbit(f16_to_float(0x8000)));
    CHECK(bf16_to_float(0x3F80) == 1.0F);
    for (const Kernels *level : all_kernels()) {
        for (std::uint32_t first = 0; first < 0x10000; first += 256) {
            std::vector<std::uint16_t> halves(256);
            std::vector<float> wide(256);
            for (std::uint32_t i = 0; i < 256; ++i) halves[i] = static_cast<std::uint16_t>(first + i);
            WeightMatrix matrix{Format::F16, 1, 256, halves.data()};
            level->widen(matrix, 0, 1, wide.data());
            for (std::uint32_t i = 0; i < 256; ++i) {
                const float expected = f16_to_float(halves[i]);
                const bool same = std::isnan(expected) ? std::isnan(wide[i]) : wide[i] == expected;
                CHECK(same);
            }
        }
    }
}

namespace {

struct Shape {
    std::int64_t out, in;
    int block_shift;
};
constexpr Shape shapes[] = {{7, 64, 6},  {9, 256, 6},  {5, 100, 6},   {3, 33, 6},    {1, 1, 6},  {6, 160, 6}, {4, 128, 5},
                            {4, 256, 7}, {13, 576, 6}, {70, 1184, 5}, {37, 2112, 6}, {16, 8, 6}, {64, 72, 6}, {304, 1088, 6}};

/// Every matrix that the kernels tell apart: the formats, bf16 with inputs of bf16 where they have it, 16 bits in tiles.
template <class F>
void for_all_matrices(F f) {
    for (const Kernels *level : all_kernels()) {
        for (const Shape &shape : shapes) {
            CAPTURE(level->name);
            CAPTURE(shape.in);
            for (const Format format : formats) {
                CAPTURE(static_cast<int>(format));
                Sample s = make_sample(format, shape.out, shape.in, shape.block_shift, 7);
                const auto run = [&] {
                    f(*level, s);
                    if (format != Format::BF16 || !level->bf16_products) return;
                    s.matrix.bf16_inputs = true;
                    f(*level, s);
                    s.matrix.bf16_inputs = false;
                };
                run();
                if ((format != Format::BF16 && format != Format::F16) || !can_tile(shape.out, shape.in)) continue;
                tile(s);
                run();
            }
        }
    }
}

}  // namespace

TEST_CASE("widened rows have the stored values, in the order of arranged inputs") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        if (s.matrix.out == 1 || s.matrix.bf16_inputs) return;
        const auto in = static_cast<std::size_t>(s.matrix.in);
        std::vector<float> wide(s.values.size() - in), place(in);
        for (std::size_t i = 0; i < in; ++i) place[i] = static_cast<float>(i);
        const std::vector<std::uint8_t> bytes = arranged(kernels, s.matrix, place, 1);
        std::memcpy(place.data(), bytes.data(), in * sizeof(float));
        kernels.widen(s.matrix, 1, s.matrix.out, wide.data());
        for (std::size_t i = 0; i < wide.size(); ++i) {
            const std::size_t row = 1 + i / in;
            const float scale = s.matrix.format == Format::Int8 ? s.scale[row] : 1.0F;
            CHECK(wide[i] * scale == s.values[row * in + static_cast<std::size_t>(place[i % in])]);
        }
    });
}

TEST_CASE("products equal the naive ones in all formats and sizes") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        const auto in = static_cast<std::size_t>(s.matrix.in), out = static_cast<std::size_t>(s.matrix.out);
        for (const std::int64_t vectors : {1, 2, 3, 4, 5, 9, 16, 17, 33, 40}) {
            CAPTURE(vectors);
            std::vector<float> x = random_vector(vectors * s.matrix.in, 3);
            const std::vector<float> y = product(kernels, s.matrix, x, vectors);
            if (s.matrix.bf16_inputs)
                for (float &value : x) value = rounded_to_bf16(value);
            for (std::size_t v = 0; v < static_cast<std::size_t>(vectors); ++v) {
                for (std::size_t r = 0; r < out; ++r) {
                    double expected = 0, size = 0;
                    for (std::size_t k = 0; k < in; ++k) {
                        const double term = static_cast<double>(s.values[r * in + k]) * static_cast<double>(x[v * in + k]);
                        expected += term;
                        size += std::abs(term);
                    }
                    CHECK(std::abs(static_cast<double>(y[v * out + r]) - expected) <= 2e-6 * size + 1e-12);
                }
            }
        }
    });
}

TEST_CASE("a row's product has the same bits alone and in company") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        const auto in = static_cast<std::size_t>(s.matrix.in), out = static_cast<std::size_t>(s.matrix.out);
        const std::vector<float> x = random_vector(40 * s.matrix.in, 3);
        const std::vector<float> together = product(kernels, s.matrix, x, 40);
        for (const std::size_t count : {1, 2, 3, 4, 7, 13, 20}) {
            CAPTURE(count);
            const std::size_t from = 40 - count;
            const std::vector<float> some(x.begin() + static_cast<std::ptrdiff_t>(from * in), x.end());
            const std::vector<float> y = product(kernels, s.matrix, some, static_cast<std::int64_t>(count));
            CHECK(std::memcmp(y.data(), together.data() + from * out, y.size() * sizeof(float)) == 0);
        }
    });
}

TEST_CASE("norm, rotation and gate equal their formulas") {
    for (const Kernels *level : all_kernels()) {
        for (const std::int64_t size : {1, 8, 48, 67}) {
            CAPTURE(level->name);
            CAPTURE(size);
            const std::vector<float> x = random_vector(size, 1), weight = random_vector(size, 2);
            std::vector<float> out(x.size());
            level->rms_norm(x.data(), weight.data(), 1e-5F, size, out.data());
            double square = 0;
            for (const float v : x) square += static_cast<double>(v) * static_cast<double>(v);
            for (std::size_t i = 0; i < x.size(); ++i)
                CHECK(static_cast<double>(out[i]) ==
                      doctest::Approx(static_cast<double>(x[i]) / std::sqrt(square / static_cast<double>(size) + 1e-5) *
                                      static_cast<double>(weight[i]))
                          .epsilon(1e-5));

            const auto cdf = [](double v) { return (1 + std::erf(v / std::sqrt(2.0))) / 2; };
            const auto tanh_cdf = [](double v) {
                return (1 + std::tanh(std::sqrt(2 / 3.141592653589793) * (v + 0.044715 * v * v * v))) / 2;
            };
            const std::vector<float> up = random_vector(size, 4);
            for (const Activation activation :
                 {Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu}) {
                CAPTURE(static_cast<int>(activation));
                std::vector<float> before = random_vector(size, 3), plain, gated;
                before[0] = -100.0F;
                for (float &value : before) value *= 2;
                plain = gated = before;
                level->activate(activation, plain.data(), nullptr, size);
                level->activate(activation, gated.data(), up.data(), size);
                for (std::size_t i = 0; i < before.size(); ++i) {
                    const auto v = static_cast<double>(before[i]);
                    const double expected = activation == Activation::Silu       ? v / (1 + std::exp(-v))
                                            : activation == Activation::GeluTanh ? v * tanh_cdf(v)
                                            : activation == Activation::GeluErf  ? v * cdf(v)
                                                                                 : std::max(v, 0.0);
                    CHECK(std::abs(static_cast<double>(plain[i]) - expected) < 1e-6);
                    CHECK(gated[i] == plain[i] * up[i]);
                    // The same bits wherever a value stands.
                    float alone = before[i];
                    level->activate(activation, &alone, nullptr, 1);
                    CHECK(alone == plain[i]);
                }
            }

            std::vector<float> pair = random_vector(2 * size, 5), angle = random_vector(size, 6), cos, sin;
            for (const float a : angle) cos.push_back(std::cos(a)), sin.push_back(std::sin(a));
            const std::vector<float> old = pair;
            level->rotate(pair.data(), cos.data(), sin.data(), size, false);
            for (std::size_t i = 0; i < angle.size(); ++i) {
                const std::size_t j = i + angle.size();
                CHECK(pair[i] == doctest::Approx(old[i] * cos[i] - old[j] * sin[i]).epsilon(1e-5));
                CHECK(pair[j] == doctest::Approx(old[j] * cos[i] + old[i] * sin[i]).epsilon(1e-5));
            }
        }
    }
}

}  // namespace millm::engine::cpu::test
