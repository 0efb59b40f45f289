// Every instruction set this machine has against naive loops.
#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/kernels/cpu/numbers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace millm::engine::cpu::test {

namespace {

/// A random matrix in a format, with the values it stands for.
struct Sample {
    std::vector<std::uint8_t> bytes;
    std::vector<float> scale, code, values;
    WeightMatrix matrix;
};

Sample make_sample(Format format, std::int64_t out, std::int64_t in, int block_shift, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    Sample s;
    const auto count = static_cast<std::size_t>(out * in);
    s.values.resize(count);
    const auto put = [&](std::size_t index, auto value) {
        std::memcpy(s.bytes.data() + index * sizeof value, &value, sizeof value);
    };
    switch (format) {
        case Format::F32:
            s.bytes.resize(count * 4);
            for (std::size_t i = 0; i < count; ++i) put(i, s.values[i] = uniform(random));
            break;
        case Format::BF16:
        case Format::F16:
            s.bytes.resize(count * 2);
            for (std::size_t i = 0; i < count; ++i) {
                // Any finite pattern of moderate size: exponents around one, small ones of f16 too.
                auto half = static_cast<std::uint16_t>(random() & 0xFFFFU);
                half = format == Format::BF16 ? static_cast<std::uint16_t>((half & 0x80FFU) | 0x3F00U)
                                              : static_cast<std::uint16_t>(half & 0xBFFFU);
                put(i, half);
                s.values[i] = format == Format::BF16 ? bf16_to_float(half) : f16_to_float(half);
            }
            break;
        case Format::Int8:
            s.bytes.resize(count);
            for (std::int64_t r = 0; r < out; ++r) s.scale.push_back(0.01F + std::abs(uniform(random)));
            for (std::size_t i = 0; i < count; ++i) {
                const auto value = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
                put(i, value);
                s.values[i] = static_cast<float>(value) * s.scale[i / static_cast<std::size_t>(in)];
            }
            break;
        case Format::FourBit: {
            s.bytes.resize((count + 1) / 2);
            for (auto &byte : s.bytes) byte = static_cast<std::uint8_t>(random());
            for (int i = 0; i < 16; ++i) s.code.push_back(uniform(random));
            for (std::size_t b = 0; b <= count >> block_shift; ++b) s.scale.push_back(0.01F + std::abs(uniform(random)));
            for (std::size_t i = 0; i < count; ++i) {
                const int nibble = i % 2 == 0 ? s.bytes[i / 2] >> 4 : s.bytes[i / 2] & 15;
                s.values[i] = s.code[static_cast<std::size_t>(nibble)] * s.scale[i >> block_shift];
            }
            break;
        }
    }
    s.matrix = {format,
                out,
                in,
                s.bytes.data(),
                s.scale.empty() ? nullptr : s.scale.data(),
                s.code.empty() ? nullptr : s.code.data(),
                block_shift};
    return s;
}

std::vector<float> random_vector(std::int64_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> result(static_cast<std::size_t>(size));
    for (float &x : result) x = normal(random);
    return result;
}

constexpr Format formats[] = {Format::F32, Format::BF16, Format::F16, Format::Int8, Format::FourBit};

}  // namespace

TEST_CASE("there is a portable kernel and the best one comes last") {
    REQUIRE(usable_kernels().size() >= 1);
    CHECK(std::string(usable_kernels().front()->name) == "portable");
    CHECK(&kernels() == usable_kernels().back());
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
    for (const Kernels *level : usable_kernels()) {
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

TEST_CASE("products and widened rows equal the naive ones in all formats and sizes") {
    struct Shape {
        std::int64_t out, in;
        int block_shift;
    };
    const Shape shapes[] = {{7, 64, 6},  {9, 256, 6}, {5, 100, 6}, {3, 33, 6},  {1, 1, 6},
                            {6, 160, 6}, {4, 128, 5}, {4, 256, 7}, {13, 576, 6}};
    for (const Kernels *level : usable_kernels()) {
        for (const Format format : formats) {
            for (const Shape &shape : shapes) {
                CAPTURE(level->name);
                CAPTURE(static_cast<int>(format));
                CAPTURE(shape.in);
                const Sample s = make_sample(format, shape.out, shape.in, shape.block_shift, 7);
                std::vector<float> wide(s.values.size() - static_cast<std::size_t>(shape.in));
                if (shape.out > 1) {
                    level->widen(s.matrix, 1, shape.out, wide.data());
                    for (std::size_t i = 0; i < wide.size(); ++i)
                        CHECK(wide[i] == s.values[i + static_cast<std::size_t>(shape.in)]);
                }
                for (const std::int64_t vectors : {1, 2, 3, 4, 5, 9}) {
                    const std::vector<float> x = random_vector(vectors * shape.in, 3);
                    std::vector<float> y(static_cast<std::size_t>(vectors * shape.out), -1.0F);
                    const std::int64_t middle = shape.out / 2;
                    level->multiply(s.matrix, x.data(), vectors, 0, middle, y.data(), shape.out);
                    level->multiply(s.matrix, x.data(), vectors, middle, shape.out, y.data(), shape.out);
                    for (std::int64_t v = 0; v < vectors; ++v) {
                        for (std::int64_t r = 0; r < shape.out; ++r) {
                            double expected = 0, size = 0;
                            for (std::int64_t k = 0; k < shape.in; ++k) {
                                const double term = static_cast<double>(s.values[static_cast<std::size_t>(r * shape.in + k)]) *
                                                    static_cast<double>(x[static_cast<std::size_t>(v * shape.in + k)]);
                                expected += term;
                                size += std::abs(term);
                            }
                            CHECK(std::abs(static_cast<double>(y[static_cast<std::size_t>(v * shape.out + r)]) - expected) <=
                                  1e-6 * size + 1e-12);
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("attention of one token equals softmax by hand") {
    for (const Kernels *level : usable_kernels()) {
        for (const Format format : {Format::F32, Format::BF16, Format::F16}) {
            for (const std::int64_t group : {1, 2, 3, 4, 7}) {
                for (const std::int64_t dims : {12, 16, 64, 80}) {
                    for (const std::int64_t tokens : {1, 5, 37}) {
                        CAPTURE(level->name);
                        CAPTURE(group);
                        CAPTURE(dims);
                        CAPTURE(tokens);
                        const Sample keys = make_sample(format, tokens, dims, 6, 1),
                                     values = make_sample(format, tokens, dims, 6, 2);
                        const std::vector<float> queries = random_vector(group * dims, 5);
                        std::vector<float> scores(static_cast<std::size_t>(group * tokens)),
                            out(static_cast<std::size_t>(group * dims));
                        level->attend({format, keys.bytes.data(), values.bytes.data(), tokens, dims, queries.data(), group,
                                       0.25F, scores.data(), out.data()});
                        for (std::int64_t g = 0; g < group; ++g) {
                            std::vector<double> weights;
                            double total = 0;
                            for (std::int64_t t = 0; t < tokens; ++t) {
                                double score = 0;
                                for (std::int64_t d = 0; d < dims; ++d)
                                    score += static_cast<double>(queries[static_cast<std::size_t>(g * dims + d)]) *
                                             static_cast<double>(keys.values[static_cast<std::size_t>(t * dims + d)]);
                                weights.push_back(std::exp(score * 0.25));
                                total += weights.back();
                            }
                            for (std::int64_t d = 0; d < dims; ++d) {
                                double expected = 0;
                                for (std::int64_t t = 0; t < tokens; ++t)
                                    expected += weights[static_cast<std::size_t>(t)] / total *
                                                static_cast<double>(values.values[static_cast<std::size_t>(t * dims + d)]);
                                CHECK(std::abs(static_cast<double>(out[static_cast<std::size_t>(g * dims + d)]) - expected) <
                                      2e-5);
                            }
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("norm, rotation and gate equal their formulas") {
    for (const Kernels *level : usable_kernels()) {
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

            std::vector<float> gate = random_vector(size, 3), up = random_vector(size, 4);
            gate[0] = -100.0F;
            const std::vector<float> before = gate;
            level->silu_multiply(gate.data(), up.data(), size);
            for (std::size_t i = 0; i < gate.size(); ++i) {
                const auto g = static_cast<double>(before[i]);
                CHECK(std::abs(static_cast<double>(gate[i]) - g / (1 + std::exp(-g)) * static_cast<double>(up[i])) < 1e-5);
            }

            std::vector<float> pair = random_vector(2 * size, 5), angle = random_vector(size, 6), cos, sin;
            for (const float a : angle) cos.push_back(std::cos(a)), sin.push_back(std::sin(a));
            const std::vector<float> old = pair;
            level->rotate(pair.data(), cos.data(), sin.data(), size);
            for (std::size_t i = 0; i < angle.size(); ++i) {
                const std::size_t j = i + angle.size();
                CHECK(pair[i] == doctest::Approx(old[i] * cos[i] - old[j] * sin[i]).epsilon(1e-5));
                CHECK(pair[j] == doctest::Approx(old[j] * cos[i] + old[i] * sin[i]).epsilon(1e-5));
            }
        }
    }
}

}  // namespace millm::engine::cpu::test
